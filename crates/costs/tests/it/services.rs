//! Endpoints, functions and buckets in the ledger, what nobody used, and plans held against lines.

use crate::support::{Fixture, groups};
use domain::job::{
    Attempt, Ending, Entry, Exit, Failure, FailureKind, Job, JobSpec, Placement, Usage,
};
use domain::{JobId, Money, Span, Timestamp, Workspace};
use std::collections::BTreeMap;
use tradewind_costs::allocation::{Rule, Spread, allocate};
use tradewind_costs::metering::services::{Meter, Service, Thing, Window};
use tradewind_costs::metering::{Cause, Rates, explain};
use tradewind_costs::query::{Key, Question};
use tradewind_costs::{Amount, Ledger, instant};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    instant::read(text).unwrap()
}

pub fn thing(service: Service, name: &str, part: &str) -> Thing {
    Thing {
        service,
        workspace: "default".to_owned(),
        name: name.to_owned(),
        part: part.to_owned(),
    }
}

fn rates(machine_hour: &str) -> Rates {
    Rates {
        cpu_hour: amount("0.04"),
        memory_gib_hour: amount("0.005"),
        storage_gib_month: amount("0.073"),
        million_requests: amount("0.2"),
        machine_hour: amount(machine_hour),
        currency: "USD".to_owned(),
    }
}

fn team(name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("team".to_owned(), name.to_owned())])
}

/// An hour in which an endpoint, a function and a bucket were used.
fn hour(ledger: &Ledger, from: &str) -> Window {
    let mut window = ledger.open_window(at(from)).unwrap();
    let endpoint = thing(Service::Endpoint, "churn", "blue");
    window.add(&endpoint, &team("search"), Meter::Cpu, amount("0.5"));
    window.add(&endpoint, &team("search"), Meter::Memory, amount("2"));
    window.add(&endpoint, &team("search"), Meter::Replicas, amount("1"));
    window.add(&endpoint, &team("search"), Meter::Requests, amount("5000"));
    let function = thing(Service::Function, "resize", "");
    window.add(&function, &team("ads"), Meter::Cpu, amount("0.25"));
    let bucket = thing(Service::Storage, "models", "");
    window.add(&bucket, &team("ads"), Meter::StorageOld, amount("100"));
    window.to = window.from + Span::hours(1);
    window
}

#[test]
fn a_window_becomes_lines_once_and_its_parts_are_the_whole() {
    let fixture = Fixture::new();
    fixture.ledger.set_rates(&rates("0")).unwrap();
    let window = hour(&fixture.ledger, "2026-06-30T23:00:00Z");
    assert_eq!(fixture.ledger.meter_window(&window).unwrap(), 6);
    assert_eq!(fixture.ledger.meter_window(&window).unwrap(), 0);
    // 0.5 × 0.04 + 2 × 0.005 + 0.001, 0.25 × 0.04, and 100 GiB-hours at 0.0001.
    assert_eq!(
        groups(&fixture.by("service,tag:team,billing-month")),
        [
            "Endpoints, search, 2026-06 = 0.031",
            "Functions, ads, 2026-06 = 0.01",
            "Object storage, ads, 2026-06 = 0.01"
        ]
    );
    assert_eq!(fixture.total(), "0.051/0.051 USD");
    assert_eq!(
        fixture.by("resource").groups[0].keys[0].as_deref(),
        Some("endpoint/default/churn/blue")
    );
}

#[test]
fn a_window_outlives_the_server_and_does_not_come_back_after_it_was_metered() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    let window = hour(ledger, "2026-06-01T00:00:00Z");
    ledger.keep_window(&window).unwrap();
    let later = at("2026-06-01T02:00:00Z");
    assert_eq!(ledger.open_window(later).unwrap(), window);
    ledger.meter_window(&window).unwrap();
    // Killed between the commit and the next look: the kept file is of a window that counts.
    let next = ledger.open_window(later).unwrap();
    assert_eq!((next.number, next.from, next.used.len()), (2, later, 0));
    std::fs::write(ledger.folder().join("window.json"), b"{half").unwrap();
    assert_eq!(ledger.open_window(later).unwrap(), next);
}

#[test]
fn what_nobody_used_is_metered_so_that_the_machine_is_the_sum() {
    let fixture = Fixture::new();
    fixture.ledger.set_rates(&rates("0.5")).unwrap();
    let mut whole = Amount::ZERO;
    for (n, from) in ["00", "01", "02", "03"].iter().enumerate() {
        let window = hour(&fixture.ledger, &format!("2026-06-01T{from}:00:00Z"));
        fixture.ledger.meter_window(&window).unwrap();
        whole += amount("0.5");
        if n == 2 {
            // A job that ran for two hours ends: its part was counted as unused before.
            let job = job("a", "local", &[(true, 20)]);
            fixture.ledger.meter(&[job], 1).unwrap();
        }
    }
    let total = fixture.by("").totals[0].values[0];
    assert_eq!(total, whole);
    let rule = Rule {
        to: Key::parse("tag:team").unwrap(),
        shared: Vec::new(),
        spread: Spread::Direct,
    };
    let shares = allocate(&fixture.ledger, &Question::default(), &rule).unwrap();
    assert_eq!(
        shares.iter().map(|share| share.total).sum::<Amount>(),
        whole
    );
    let idle: Amount = shares.iter().map(|share| share.idle).sum();
    let used: Amount = shares.iter().map(|share| share.direct).sum();
    assert_eq!(used + idle, whole);
    assert!(idle > Amount::ZERO && shares.iter().all(|share| share.shared == Amount::ZERO));
}

/// A job whose attempts ran for so many hours of CPU; only the last one ended well.
fn job(id: &str, provider: &str, attempts: &[(bool, i64)]) -> Job {
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    });
    spec.tags = team("search");
    spec.limits.wall_clock = Some(Span::hours(2));
    let id = JobId::new(id.to_owned()).unwrap();
    let mut job = Job::new(id, Workspace::default(), spec, at("2026-06-01T00:00:00Z"));
    for (well, hours) in attempts {
        let failure = Failure {
            kind: FailureKind::Lost,
            message: "gone".to_owned(),
            file: None,
            line: None,
            exit_code: None,
        };
        job.attempts.push(Attempt {
            ticket: job.next_ticket(),
            placement: Placement {
                provider: provider.to_owned(),
                region: "here".to_owned(),
                machine_type: "m".to_owned(),
                zone: None,
                purchase: None,
                hourly_price: Money::micros(100_000),
                plan: None,
            },
            exit: Exit {
                ending: if *well {
                    Ending::Completed
                } else {
                    Ending::Failed { failure }
                },
                started: Some(at("2026-06-01T00:00:00Z")),
                ended: at("2026-06-01T02:00:00Z"),
                usage: Usage {
                    cpu: Span::hours(*hours),
                    peak_memory: 0,
                    wall: Span::hours(*hours),
                },
                warnings: Vec::new(),
            },
        });
    }
    job
}

#[test]
fn the_difference_between_plan_and_lines_is_explained_to_the_last_atom() {
    let fixture = Fixture::new();
    fixture.ledger.set_rates(&rates("0")).unwrap();
    // Planned two hours at 0.10; a lost attempt of one hour, then one of three.
    let elsewhere = job("b", "aws", &[(false, 1), (true, 3)]);
    let here = job("c", "local", &[(true, 1)]);
    let before = explain(&fixture.ledger, &elsewhere).unwrap();
    assert!(
        before.sentence.contains("2 attempts are not metered yet"),
        "{}",
        before.sentence
    );
    fixture
        .ledger
        .meter(&[elsewhere.clone(), here.clone()], 1)
        .unwrap();
    let explained = explain(&fixture.ledger, &elsewhere).unwrap();
    assert_eq!(explained.estimate, amount("0.2"));
    assert_eq!(explained.actual, amount("0.4"));
    let causes: Vec<_> = explained
        .causes
        .iter()
        .map(|(c, a)| (*c, a.to_string()))
        .collect();
    assert_eq!(
        causes,
        [
            (Cause::Retries, "0.1".to_owned()),
            (Cause::RunTime, "0.1".to_owned())
        ]
    );
    let sum: Amount = explained.causes.iter().map(|(_, amount)| *amount).sum();
    assert_eq!(sum, explained.difference);
    // A line that is no attempt: transfer that a cloud billed with the job's tags.
    let bill = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ResourceId,Tags\n\
                0.05,USD,2026-06-01,Transfer,eip,\"{\"\"tradewind:job\"\":\"\"c\"\",\
                \"\"tradewind:workspace\"\":\"\"default\"\"}\"\n";
    fixture.import(&fixture.file("transfer.csv", bill)).unwrap();
    let explained = explain(&fixture.ledger, &here).unwrap();
    // Allowed two hours of one CPU at 0.04, used one, and 0.05 of transfer.
    assert_eq!(
        (explained.estimate, explained.actual),
        (amount("0.08"), amount("0.09"))
    );
    let causes: BTreeMap<String, Amount> = explained
        .causes
        .iter()
        .map(|(cause, amount)| (format!("{cause:?}"), *amount))
        .collect();
    assert_eq!(causes["Others"], amount("0.05"));
    assert_eq!(causes["RunTime"], amount("-0.04"));
    assert_eq!(
        causes.values().copied().sum::<Amount>(),
        explained.difference
    );
    assert!(
        explained.sentence.contains("0.01 USD more than planned"),
        "{}",
        explained.sentence
    );
}

#[test]
fn a_thousand_requests_cost_what_computing_them_did() {
    use tradewind_costs::query::{Filter, Per, Test, unit_cost};
    let fixture = Fixture::new();
    fixture.ledger.set_rates(&rates("0")).unwrap();
    let window = hour(&fixture.ledger, "2026-06-30T23:00:00Z");
    fixture.ledger.meter_window(&window).unwrap();
    let question = Question {
        filters: vec![Filter {
            key: Key::parse("service").unwrap(),
            test: Test::Is(vec!["Endpoints".to_owned()]),
        }],
        ..Question::default()
    };
    let thousand = Per::Measured {
        size: amount("1000"),
        unit: "Requests".to_owned(),
    };
    let costs = unit_cost(&fixture.ledger, &question, &thousand).unwrap();
    assert_eq!(
        (costs[0].cost, costs[0].units, costs[0].per_unit),
        (amount("0.031"), amount("5"), Some(amount("0.0062")))
    );
    // Requests, hours of replicas and GiB-hours are not added up.
    let mixed = Per::Consumed(amount("1000"));
    let error = unit_cost(&fixture.ledger, &question, &mixed).unwrap_err();
    assert!(
        error.to_string().contains("GiB-Hours") && error.to_string().contains("--unit"),
        "{error}"
    );
}
