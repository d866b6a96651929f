//! Budgets, anomalies, allocation and metering over a ledger.

use crate::support::{Fixture, focus, groups};
use domain::day::Day;
use domain::job::{Attempt, Ending, Entry, Exit, Job, JobSpec, Placement, Usage};
use domain::{JobId, Money, Span, Timestamp, Workspace};
use std::collections::BTreeMap;
use tradewind_costs::allocation::{Rule, Spread, allocate};
use tradewind_costs::anomalies::{Watch, anomalies};
use tradewind_costs::budgets::{Budget, Estimate};
use tradewind_costs::metering::Rates;
use tradewind_costs::query::{Filter, Key, Metric, Question, Test};
use tradewind_costs::{Amount, instant};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    instant::read(text).unwrap()
}

fn budget(hard: bool) -> Budget {
    Budget {
        name: "search".to_owned(),
        amount: amount("100"),
        currency: "USD".to_owned(),
        metric: Metric::Effective,
        filters: vec![Filter {
            key: Key::parse("tag:team").unwrap(),
            test: Test::Is(vec!["search".to_owned()]),
        }],
        thresholds: vec![50, 80],
        hard,
    }
}

/// Five dollars a day of one team and two of another, in June up to a day.
fn june(until: u32) -> Fixture {
    let fixture = Fixture::new();
    let lines: Vec<_> = (1..=until)
        .flat_map(|day| {
            [
                ("EC2", day, "5", r#"{"team":"search"}"#),
                ("S3", day, "2", r#"{"team":"ads"}"#),
            ]
        })
        .collect();
    fixture
        .import(&fixture.file("june.csv", focus(&lines)))
        .unwrap();
    fixture
}

#[test]
fn budgets_tell_thresholds_and_what_the_month_will_cost() {
    let fixture = june(17);
    let standing = fixture
        .ledger
        .standing(&budget(false), at("2026-06-18T00:00:00Z"))
        .unwrap();
    assert_eq!(standing.spent, amount("85"));
    let [low, mid, high] = standing.forecast.unwrap();
    assert!(low <= mid && mid <= high);
    assert_eq!(mid.rounded(2), amount("150"));
    assert_eq!(standing.alerts.len(), 2, "{:?}", standing.alerts);
    assert!(standing.alerts[0].contains("more than 80 %"));
    assert!(standing.alerts[1].contains("will cost") || standing.alerts[1].contains("may cost"));
}

#[test]
fn hard_budgets_refuse_runs_that_are_theirs() {
    let fixture = june(17);
    fixture.ledger.set_budget(budget(true)).unwrap();
    let run = |cost: &str, team: &str| Estimate {
        cost: amount(cost),
        currency: "USD".to_owned(),
        tags: BTreeMap::from([("team".to_owned(), team.to_owned())]),
    };
    let now = at("2026-06-18T00:00:00Z");
    let passes = |run: &Estimate, reserved: &str| {
        fixture
            .ledger
            .would_pass(run, |_| amount(reserved), now)
            .unwrap()
    };
    assert!(passes(&run("15", "search"), "0").is_empty());
    let passed = passes(&run("15", "search"), "0.01");
    assert_eq!(
        (passed[0].spent, passed[0].reserved),
        (amount("85"), amount("0.01"))
    );
    assert!(passed[0].to_string().contains("by 0.01"), "{}", passed[0]);
    assert!(passes(&run("1000", "ads"), "0").is_empty());
    let mut euros = run("1000", "search");
    "EUR".clone_into(&mut euros.currency);
    assert!(passes(&euros, "0").is_empty());
    let mut wrong = budget(true);
    wrong.filters[0].key = Key::parse("service").unwrap();
    let error = fixture.ledger.set_budget(wrong).unwrap_err().to_string();
    assert!(error.contains("narrowed by tags"), "{error}");
    assert!(fixture.ledger.remove_budget("search").unwrap());
    assert!(!fixture.ledger.remove_budget("search").unwrap());
}

#[test]
fn an_anomaly_is_explained_by_what_changed() {
    let fixture = Fixture::new();
    let mut csv = "BilledCost,BillingCurrency,ChargePeriodStart,ServiceName,ResourceId,\
                   ConsumedQuantity\n"
        .to_owned();
    for day in 0..60 {
        let date = Day::from_days(Day::new(2026, 4, 1).unwrap().days() + day);
        for resource in ["vm-1", "vm-2"] {
            let hours = if day == 50 && resource == "vm-2" {
                30
            } else {
                10 + day % 2
            };
            csv.push_str(&format!("{hours}.5,USD,{date},EC2,{resource},{hours}\n"));
        }
    }
    fixture.import(&fixture.file("bill.csv", csv)).unwrap();
    let (from, to) = (
        Day::new(2026, 5, 1).unwrap(),
        Day::new(2026, 5, 31).unwrap(),
    );
    let found = anomalies(&fixture.ledger, &Watch::default(), from, to).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let why = found[0].explanation.clone().unwrap();
    assert_eq!(why.causes[0].value.as_deref(), Some("vm-2"));
    assert!(why.by_usage.unwrap() > why.by_rate.unwrap().abs());
    assert!(
        why.sentence.contains("`vm-2`") && why.sentence.contains("by its usage"),
        "{why:?}"
    );
}

#[test]
fn allocated_parts_add_up_to_the_whole() {
    let fixture = Fixture::new();
    let lines = [
        ("EC2", 1, "6", r#"{"team":"search"}"#),
        ("EC2", 1, "3", r#"{"team":"ads"}"#),
        ("Support", 1, "1", ""),
    ];
    fixture
        .import(&fixture.file("june.csv", focus(&lines)))
        .unwrap();
    let rule = |spread| Rule {
        to: Key::parse("tag:team").unwrap(),
        shared: Vec::new(),
        spread,
    };
    let weights = BTreeMap::from([("ads".to_owned(), amount("1"))]);
    for (spread, ads, search) in [
        (
            Spread::Direct,
            "3.333333333333333333",
            "6.666666666666666667",
        ),
        (Spread::Even, "3.5", "6.5"),
        (Spread::Weights(weights), "4", "6"),
    ] {
        let shares = allocate(&fixture.ledger, &Question::default(), &rule(spread)).unwrap();
        let totals: Vec<String> = shares.iter().map(|share| share.total.to_string()).collect();
        assert_eq!(totals, [ads, search]);
        assert_eq!(
            shares.iter().map(|share| share.total).sum::<Amount>(),
            amount("10")
        );
    }
}

fn job(id: &str, provider: &str, price: Money) -> Job {
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    });
    spec.tags.insert("team".to_owned(), "search".to_owned());
    let id = JobId::new(id.to_owned()).unwrap();
    let mut job = Job::new(id, Workspace::default(), spec, at("2026-06-30T23:00:00Z"));
    job.attempts.push(Attempt {
        ticket: job.next_ticket(),
        placement: Placement {
            provider: provider.to_owned(),
            region: "here".to_owned(),
            machine_type: "this-machine".to_owned(),
            zone: None,
            purchase: None,
            hourly_price: price,
            plan: None,
        },
        exit: Exit {
            ending: Ending::Completed,
            started: Some(at("2026-06-30T23:30:00Z")),
            ended: at("2026-07-01T00:30:00Z"),
            usage: Usage {
                cpu: Span::hours(2),
                peak_memory: 4 << 30,
                wall: Span::hours(1),
            },
            warnings: Vec::new(),
        },
    });
    job
}

#[test]
fn jobs_are_metered_once_at_the_rates_of_their_places() {
    let fixture = Fixture::new();
    let rates = Rates {
        cpu_hour: amount("0.04"),
        memory_gib_hour: amount("0.005"),
        ..Rates::default()
    };
    fixture.ledger.set_rates(&rates).unwrap();
    let jobs = [
        job("a", "local", Money::ZERO),
        job("b", "aws", Money::micros(416_000)),
    ];
    assert_eq!(fixture.ledger.meter(&jobs, 7).unwrap(), 2);
    assert_eq!(fixture.ledger.meter(&jobs, 7).unwrap(), 0);
    assert_eq!(fixture.total(), "0.516/0.516 USD");
    assert_eq!(
        groups(&fixture.by("HostProviderName,tag:team,workload,billing-month")),
        [
            "aws, search, b, 2026-06 = 0.416",
            "local, search, a, 2026-06 = 0.1"
        ]
    );
    let negative = Rates {
        cpu_hour: amount("-1"),
        ..rates
    };
    assert!(fixture.ledger.set_rates(&negative).is_err());
    for sequence in 8..40 {
        fixture
            .ledger
            .meter(&[job("c", "local", Money::ZERO)], sequence)
            .unwrap();
    }
    let before = fixture.total();
    assert!(fixture.ledger.compact().unwrap() > 20);
    assert_eq!(fixture.total(), before);
    assert_eq!(fixture.ledger.compact().unwrap(), 0);
}
