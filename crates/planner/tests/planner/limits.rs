//! Budgets, quotas, commitments, queues, refusals, deadlines, fronts.

use domain::offer::Purchase;
use domain::resources::Resources;
use domain::{Money, Span, Timestamp};
use tradewind_planner::question::{
    Commitment, Denied, ExpectedWait, Quota, QuotaUnit, Refusals, RunTime,
};
use tradewind_planner::{Objective, Payment, Proof, Unplaceable};

use crate::support::{ROWS, builder, cpus, gpus, hour, place, plan, question, spot_too};

fn quota(limit: i64) -> Quota {
    Quota {
        name: "Running vCPUs".into(),
        provider: "google".into(),
        region: Some("asia-e".into()),
        families: vec!["n".into()],
        purchase: None,
        unit: QuotaUnit::MilliCpus,
        limit,
        used: 0,
        frees_in: None,
    }
}

#[test]
fn jobs_share_a_quota_while_they_run_together() {
    let mut asked = question()
        .with(hour("a", cpus(4_000)))
        .with(hour("b", cpus(4_000)));
    asked.quotas = vec![quota(4_000)];
    let found = plan(&asked);
    let mut regions = [place(&found, "a").1, place(&found, "b").1];
    regions.sort_unstable();
    assert_eq!(regions, ["asia-e", "us-1"], "only one fits into the quota");
    // One after the other both fit.
    let found = plan(&asked.link("a", "b", 0));
    assert_eq!(
        (place(&found, "a").1, place(&found, "b").1),
        ("asia-e", "asia-e")
    );
}

#[test]
fn a_full_quota_is_waited_for_when_that_is_known() {
    let mut asked = question().with(hour("a", cpus(4_000)));
    asked.quotas = vec![Quota {
        used: 4_000,
        ..quota(4_000)
    }];
    assert_eq!(place(&plan(&asked), "a").1, "us-1");
    asked.quotas[0].frees_in = Some(Span::hours(3));
    let found = plan(&asked);
    assert_eq!(
        (place(&found, "a").1, found.time),
        ("asia-e", Span::hours(4))
    );
    asked.objective = Objective::CostWithin {
        deadline: Span::hours(2),
    };
    assert_eq!(place(&plan(&asked), "a").1, "us-1");
}

#[test]
fn a_budget_is_shared() {
    let mut asked = question()
        .with(hour("a", gpus("A100", 1)))
        .with(hour("b", gpus("T4", 1)));
    asked.budget = Some(Money::dollars(3));
    let Err(Unplaceable::Constrained(why)) = tradewind_planner::plan(&asked) else {
        panic!()
    };
    assert!(why.workloads.is_empty() && why.proved && why.smallest);
    let relaxed: Vec<String> = why
        .ways_out
        .iter()
        .map(|it| it.relax[0].to_string())
        .collect();
    assert!(relaxed.contains(&"the budget".to_owned()), "{relaxed:?}");
    // Spot would do as well, for one of the two.
    assert!(
        relaxed.contains(&"purchase of `a`".to_owned()),
        "{relaxed:?}"
    );
    asked.budget = Some(Money::micros(3_600_000));
    assert_eq!(plan(&asked).cost, Money::micros(3_600_000));
}

#[test]
fn what_is_paid_for_is_taken_first_and_only_once() {
    let mut asked = question()
        .with(hour("a", cpus(4_000)))
        .with(hour("b", cpus(4_000)));
    asked.commitments = vec![Commitment {
        name: "savings".into(),
        provider: "aws".into(),
        region: None,
        machine: "m.x*".into(),
        machines: 1,
    }];
    let found = plan(&asked);
    assert_eq!(found.cost, Money::micros(150_000));
    let committed = |name: &str| {
        let payment = &found.placement(name).unwrap().offer.payment;
        matches!(payment, Payment::Committed { commitment } if commitment == "savings")
    };
    assert!(committed("a") != committed("b"));
}

#[test]
fn queues_and_refusals_move_work_elsewhere() {
    let mut asked = question().with(hour("a", cpus(4_000)));
    asked.objective = Objective::CostWithin {
        deadline: Span::minutes(70),
    };
    assert_eq!(place(&plan(&asked), "a").1, "asia-e");
    asked.waits = vec![ExpectedWait {
        provider: "google".into(),
        region: Some("asia-e".into()),
        machine: None,
        purchase: None,
        wait: Span::minutes(30),
    }];
    assert_eq!(place(&plan(&asked), "a").1, "us-1");
    asked.waits.clear();
    asked.refusals = Refusals(vec![Denied {
        provider: "google".into(),
        region: "asia-e".into(),
        zone: None,
        machine: "n4".into(),
        purchase: Purchase::OnDemand,
        at: Timestamp(asked.now.0 - 60_000),
        reason: "no capacity".into(),
    }]);
    let found = plan(&asked);
    assert_eq!(place(&found, "a").1, "us-1");
    assert!(
        found.notes.iter().any(|note| note.contains("no capacity")),
        "{:?}",
        found.notes
    );
    asked.now = asked.now + Span::hours(1);
    assert_eq!(place(&plan(&asked), "a").1, "asia-e", "it has cooled down");
}

#[test]
fn deadlines_buy_speed_and_the_front_shows_its_price() {
    let mut asked = question();
    for name in ["a", "b"] {
        let mut workload = hour(name, Resources::default());
        workload.run_time = RunTime::on_accelerators(Span::hours(10), "A100", 1);
        workload.policy = spot_too();
        asked = asked.with(workload);
    }
    asked = asked.link("a", "b", 1 << 30);
    asked.settings.front = true;
    asked.settings.cautious = false;
    let cheap = plan(&asked);
    let front = cheap.front.as_ref().unwrap();
    assert!(front.complete);
    assert!(
        front
            .points
            .is_sorted_by(|a, b| a.cost < b.cost && a.time > b.time)
    );
    assert_eq!(
        (front.points[0].cost, front.points[0].time),
        (cheap.cost, cheap.time)
    );
    let last = front.points.last().unwrap();
    asked.objective = Objective::Time;
    let fast = plan(&asked);
    assert_eq!((last.cost, last.time), (fast.cost, fast.time));
    for point in &front.points {
        asked.objective = Objective::CostWithin {
            deadline: point.time,
        };
        let within = plan(&asked);
        assert_eq!((within.cost, within.proof), (point.cost, Proof::Optimal));
    }
    asked.objective = Objective::CostWithin {
        deadline: Span(last.time.0 - 1),
    };
    assert!(
        tradewind_planner::plan(&asked)
            .unwrap_err()
            .to_string()
            .contains("the deadline")
    );
}

#[test]
fn a_workload_may_have_a_deadline_of_its_own() {
    let mut rows = ROWS;
    rows[4].6 -= 100_000;
    let mut asked = question();
    asked.market = std::sync::Arc::new(builder(&rows).build().unwrap());
    for name in ["a", "b"] {
        let mut workload = hour(name, Resources::default());
        workload.run_time = RunTime::on_accelerators(Span::hours(10), "A100", 1);
        asked = asked.with(workload);
    }
    asked.settings.cautious = false;
    asked.workloads[1].policy.deadline = Some(Span::hours(12));
    let found = plan(&asked);
    assert_eq!(
        (place(&found, "a").0, place(&found, "b").0),
        ("g.big", "a2")
    );
}
