//! Runs on a server with two providers of which one says no: what is planned, what is asked, what
//! the plans say afterwards.

use crate::house::{House, market, plans, provider, providers, spec, submit};
use crate::simulation::Simulation;
use control::jobs::NewJob;
use domain::job::{Outcome, Phase};
use domain::{JobId, Money, Span};
use planner::{Proof, Replay};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_refused_job_goes_to_the_next_best_place_and_the_plan_says_so() {
    let mut house = House::new();
    let server = house.server();
    house.alpha.refusals.store(1, Ordering::SeqCst);
    let run = submit(&server).await;
    let before = plans(&server, &run).await;
    assert_eq!(provider(&before), "alpha", "it is the cheaper one");
    assert!(before.later.is_empty());

    let job = house.until_over(&server).await;
    let outcome = job.phase.outcome();
    assert!(
        matches!(outcome, Some(Outcome::Succeeded { .. })),
        "{job:#?}"
    );
    assert_eq!(providers(&job), ["alpha", "beta"]);
    assert!(house.alpha.inner.started().is_empty());
    assert_eq!(house.beta.inner.started().len(), 1);

    let after = plans(&server, &run).await;
    assert_eq!(
        after.first, before.first,
        "a plan that is kept never changes"
    );
    let [later] = after.later.as_slice() else {
        panic!("{:?}", after.later)
    };
    let (refused, ran) = (&job.attempts[0], &job.attempts[1]);
    let plan = later.kept.plan().unwrap();
    let first = before.first.kept.plan().unwrap();
    assert_eq!(refused.placement.plan.as_ref(), Some(&first.hash));
    assert_eq!(ran.placement.plan.as_ref(), Some(&plan.hash));
    assert_eq!(later.ticket, ran.ticket);
    assert_eq!(ran.placement.hourly_price, Money::micros(200_000));
    let table = plan.table();
    for said in [
        "b1",
        "no a1 in x is left",
        "rejected by cool-down",
        "`train` avoids a1 in alpha x for another",
    ] {
        assert!(table.contains(said), "{said} is missing: {table}");
    }
    assert_eq!(plan.proof, Proof::Optimal);
    assert_eq!(later.kept.replay(&later.spec, market()), Replay::Same);
}

#[tokio::test]
async fn later_runs_avoid_what_refused_until_it_has_cooled_down() {
    let mut house = House::new();
    let server = house.server();
    house.alpha.refusals.store(1, Ordering::SeqCst);
    submit(&server).await;
    house.until_over(&server).await;
    let run = submit(&server).await;
    let kept = plans(&server, &run).await;
    assert_eq!(provider(&kept), "beta");
    let notes = &kept.first.kept.plan().unwrap().notes;
    assert!(notes.iter().any(|it| it.contains("no a1 in x is left")));
    let job = house.until_over(&server).await;
    assert_eq!(providers(&job), ["beta"]);
    assert!(plans(&server, &run).await.later.is_empty());
    // A server that has met no refusal itself.
    let other = house.server();
    let run = submit(&other).await;
    assert_eq!(provider(&plans(&other, &run).await), "beta");
    house.until_over(&other).await;
    house.pass(&server, Span::minutes(10)).await;
    let run = submit(&server).await;
    assert_eq!(provider(&plans(&server, &run).await), "alpha");
    let job = house.until_over(&server).await;
    assert_eq!(providers(&job), ["alpha"]);
}

#[tokio::test]
async fn a_job_that_every_place_refused_waits_and_another_server_knows_it() {
    let mut house = House::new();
    let server = house.server();
    for full in [&house.alpha, &house.beta] {
        full.refusals.store(1, Ordering::SeqCst);
    }
    // No step of a run: its plans are kept with the job.
    let id = JobId::new("alone").unwrap();
    let new = NewJob {
        foreign: None,
        id: Some(id.clone()),
        spec: spec(),
    };
    let caller = Simulation::caller();
    server.submit_job(&caller, &new).await.unwrap();
    for _ in 0..12 {
        house.pass(&server, Span::seconds(10)).await;
    }
    let other = house.server();
    for server in [&server, &other] {
        house.pass(server, Span::seconds(30)).await;
        let job = &house.simulation.jobs().await[0];
        assert_eq!(providers(job), ["alpha", "beta"]);
        assert!(matches!(job.phase, Phase::Queued { .. }), "{:?}", job.phase);
    }
    house.pass(&other, Span::minutes(9)).await;
    let job = house.until_over(&other).await;
    assert_eq!(providers(&job), ["alpha", "beta", "alpha"]);
    let kept = other.job_plans(&caller, &id).await.unwrap();
    let placed: Vec<String> = kept
        .iter()
        .map(|it| it.kept.plan().unwrap().placed[0].offer.site.to_string())
        .collect();
    assert_eq!(placed.len(), 3, "{placed:?}");
    other.delete_job(&caller, &id).await.unwrap();
    let query = contracts::store::Query {
        kind: "job-plan".to_owned(),
        limit: 10,
        ..contracts::store::Query::default()
    };
    let left = contracts::store::Store::list(&*house.simulation.store, &query).await;
    assert!(left.unwrap().rows.is_empty(), "plans go with their job");
}

#[tokio::test]
async fn what_a_place_cannot_do_is_known_to_the_plan() {
    let mut house = House::new();
    let server = house.server();
    house.alpha.unable.store(true, Ordering::SeqCst);
    let run = submit(&server).await;
    let kept = plans(&server, &run).await.first.kept;
    assert_eq!(kept.plan().unwrap().placed[0].offer.machine, "b1");
    assert_eq!(
        kept.notes,
        ["`alpha` cannot run `train` (image: it starts no images)"]
    );
    let job = house.until_over(&server).await;
    assert_eq!(providers(&job), ["beta"]);
    house.beta.unable.store(true, Ordering::SeqCst);
    submit(&server).await;
    let job = house.until_over(&server).await;
    let Some(Outcome::Failed { failure }) = job.phase.outcome() else {
        panic!("{job:#?}")
    };
    assert!(
        failure.message.contains("`beta` cannot run it"),
        "{failure:?}"
    );
}
