//! Rules over what Tradewind itself serves and keeps.

use crate::rules::{amount, at, context, found};
use crate::services::thing;
use crate::support::{Fixture, groups};
use domain::job::{Attempt, Ending, Entry, Exit, Job, JobSpec, Placement, StepOf, Usage};
use domain::resources::Amount as Wish;
use domain::{ByteSize, JobId, Money, Name, RunId, Span, StepPath, Workspace};
use std::collections::BTreeMap;
use tradewind_costs::metering::Rates;
use tradewind_costs::metering::services::{Meter, Service, Thing, Window};
use tradewind_costs::rules::{Action, Apply, advise};

/// Fifteen days of windows of an hour; `used` says what an hour had.
fn weeks(fixture: &Fixture, used: impl Fn(u32, u32, &mut Window)) {
    let rates = Rates {
        cpu_hour: amount("0.04"),
        memory_gib_hour: amount("0.005"),
        storage_gib_month: amount("0.073"),
        ..Rates::default()
    };
    fixture.ledger.set_rates(&rates).unwrap();
    let mut from = at("2026-06-01T00:00:00Z");
    for day in 0..15 {
        for hour in 0..24 {
            let mut window = fixture.ledger.open_window(from).unwrap();
            used(day, hour, &mut window);
            from = from + Span::hours(1);
            window.to = from;
            fixture.ledger.meter_window(&window).unwrap();
        }
        fixture.ledger.compact().unwrap();
    }
}

fn replicas(window: &mut Window, thing: &Thing, count: &str, busy: &str, requests: &str) {
    let tags = BTreeMap::new();
    window.add(thing, &tags, Meter::Replicas, amount(count));
    window.add(thing, &tags, Meter::Memory, amount(count).part(2, 1));
    window.add(thing, &tags, Meter::Busy, amount(busy));
    window.add(thing, &tags, Meter::Requests, amount(requests));
}

#[test]
fn endpoints_without_requests_and_with_too_many_replicas_are_found_and_a_bucket_of_old_models() {
    let fixture = Fixture::new();
    let silent = thing(Service::Endpoint, "silent", "blue");
    let large = thing(Service::Endpoint, "large", "blue");
    let busy = thing(Service::Endpoint, "busy", "blue");
    let bucket = thing(Service::Storage, "models", "");
    weeks(&fixture, |day, hour, window| {
        // Three hours of all had requests.
        let requests = if day < 3 && hour == 9 { "10" } else { "0" };
        replicas(window, &silent, "1", "0", requests);
        replicas(window, &large, "6", "1.2", "3600");
        replicas(window, &busy, "2", "1.3", "9000");
        window.add(&bucket, &BTreeMap::new(), Meter::StorageOld, amount("50"));
        window.add(
            &bucket,
            &BTreeMap::new(),
            Meter::StorageRecent,
            amount("10"),
        );
    });
    let context = context(&fixture, None);
    let idle = found(&context, "idle-endpoints");
    assert_eq!(idle.len(), 1, "{idle:?}");
    assert_eq!(idle[0].subject, "endpoint/default/silent/blue");
    assert!(
        idle[0].evidence[0].contains("3 of 360 hours"),
        "{:?}",
        idle[0].evidence
    );
    let wanted = Action::ScaleEndpoint {
        workspace: "default".to_owned(),
        endpoint: "silent".to_owned(),
        deployment: "blue".to_owned(),
        replicas: 0,
    };
    assert_eq!(idle[0].apply, Apply::Tradewind { action: wanted });
    // 357 idle hours of two GiB at 0.005.
    assert_eq!(
        idle[0].saving_per_month,
        Some(amount("3.57").part(304_375, 280_000).rounded(2))
    );
    let size = found(&context, "endpoint-size");
    let large: Vec<_> = size
        .iter()
        .map(|one| (one.subject.as_str(), one.change.as_str()))
        .collect();
    assert_eq!(
        large,
        [(
            "endpoint/default/large/blue",
            "keep 2 replicas ready instead of 6"
        )]
    );
    let serverless = found(&context, "serverless");
    assert!(
        serverless.iter().any(|one| one.subject.contains("silent")),
        "{serverless:?}"
    );
    assert!(
        serverless.iter().all(|one| !one.subject.contains("busy")),
        "{serverless:?}"
    );
    let old = found(&context, "old-artifacts");
    assert!(old[0].evidence[0].contains("83 %"), "{old:?}");
    assert!(
        matches!(&old[0].apply, Apply::Tradewind { action: Action::ExpireObjects { bucket, .. } } if bucket == "models")
    );
}

/// An attempt of a step that asks for four CPUs and 8 GiB, on a day of June.
fn attempt(day: u32, step: &str, minutes_of_cpu: i64, peak_memory: u64) -> Job {
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    });
    spec.tags
        .insert("tradewind:pipeline".to_owned(), "churn".to_owned());
    spec.resources.milli_cpus = Some(Wish::Exactly(4_000));
    spec.resources.memory = Some(Wish::AtLeast(ByteSize(8 << 30)));
    let ended = at(&format!("2026-06-{day:02}T12:00:00Z"));
    let id = JobId::new(format!("{step}-{day}")).unwrap();
    let mut job = Job::new(id, Workspace::default(), spec, ended);
    job.step = Some(StepOf {
        run: RunId::new(format!("churn-{day}")).unwrap(),
        path: StepPath::step(Name::new(step).unwrap()),
    });
    job.attempts.push(Attempt {
        ticket: job.next_ticket(),
        placement: Placement {
            provider: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            machine_type: "m5.xlarge".to_owned(),
            zone: None,
            purchase: None,
            hourly_price: Money::micros(200_000),
            plan: None,
        },
        exit: Exit {
            ending: Ending::Completed,
            started: Some(ended - Span::hours(1)),
            ended,
            usage: Usage {
                cpu: Span::minutes(minutes_of_cpu),
                peak_memory,
                wall: Span::hours(1),
            },
            warnings: Vec::new(),
        },
    });
    job
}

#[test]
fn steps_that_ask_for_more_than_they_use_are_found_by_several_attempts() {
    let fixture = Fixture::new();
    let few = [attempt(1, "train", 30, 1 << 30)];
    fixture.ledger.meter(&few, 1).unwrap();
    let all = advise(&context(&fixture, None)).unwrap();
    let silent = all.iter().find(|one| one.rule == "step-size").unwrap();
    let why = silent.silent.as_ref().unwrap();
    assert!(why.contains("the most is 1"), "{why}");

    let mut more = Vec::new();
    for day in 2..=10 {
        // Once it used half a gibibyte more.
        let peak = (1 << 30) + u64::from(day == 5) * (512 << 20);
        more.push(attempt(day, "train", 30, peak));
        more.push(attempt(day, "score", 170, 6 << 30));
    }
    fixture.ledger.meter(&more, 2).unwrap();
    assert_eq!(groups(&fixture.by("pipeline")), ["churn = 3.8"]);
    let advice = found(&context(&fixture, None), "step-size");
    // What `score` uses has no room for half of it.
    assert_eq!(advice.len(), 1, "{advice:?}");
    let one = &advice[0];
    assert_eq!(one.subject, "default/churn/train");
    assert_eq!(
        one.change,
        "ask for 0.75 CPUs and 1.8 GiB instead of 4 CPUs and 8 GiB"
    );
    // Ten hours at 0.20, of which 1.875 of 8 GiB are left.
    assert_eq!(
        one.saving_per_month,
        Some(amount("1.53125").part(304_375, 280_000).rounded(2))
    );
    assert!(
        one.evidence[0].starts_with("10 attempts on 10 days"),
        "{one:?}"
    );
    let Apply::Tradewind { action } = &one.apply else {
        panic!("{one:?}");
    };
    assert!(
        matches!(action, Action::SizeStep { step, .. } if step == "train"),
        "{action:?}"
    );
}
