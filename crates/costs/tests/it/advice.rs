//! Rules over lines and samples that have what they look for.

use crate::services::thing;
use crate::support::Fixture;
use domain::day::Day;
use domain::offer::{Architecture, Exactness, Machine as Kind, Offer, OfferTable, Source};
use domain::{Money, Span, Timestamp};
use std::collections::BTreeMap;
use tradewind_costs::metering::Rates;
use tradewind_costs::metering::services::{Meter, Service, Thing, Window};
use tradewind_costs::rules::utilization::{self, Machine, Samples};
use tradewind_costs::rules::{Action, Advice, Applied, Apply, Before, Context, Policy, advise};
use tradewind_costs::{Amount, instant};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    instant::read(text).unwrap()
}

fn context<'a>(fixture: &'a Fixture, offers: Option<&'a OfferTable>) -> Context<'a> {
    Context {
        ledger: &fixture.ledger,
        machines: &[],
        offers,
        discounts: &[],
        policy: Policy::Percentile,
        now: at("2026-06-29T00:00:00Z"),
        days: 28,
    }
}

fn found(context: &Context<'_>, rule: &str) -> Vec<Advice> {
    let all = advise(context).unwrap();
    let finding = all
        .into_iter()
        .find(|finding| finding.rule == rule)
        .unwrap();
    assert!(finding.silent.is_none(), "{finding:?}");
    finding.advice
}

const HEAD: &str = "BilledCost,BillingCurrency,ChargePeriodStart,ChargeCategory,PricingCategory,\
    ServiceCategory,ServiceName,SubAccountId,AvailabilityZone,RegionId,ResourceId,ResourceType,\
    SkuMeter,ConsumedQuantity,ConsumedUnit,Tags\n";

/// A line of usage: day, hour, cost, zone, resource, type, meter, quantity, unit.
#[expect(clippy::too_many_arguments, reason = "a line has as many cells")]
fn line(
    csv: &mut String,
    (day, hour): (u32, u32),
    cost: &str,
    category: &str,
    zone: &str,
    resource: &str,
    kind: &str,
    meter: &str,
    quantity: &str,
) {
    csv.push_str(&format!(
        "{cost},USD,2026-06-{day:02}T{hour:02}:00:00Z,Usage,Standard,{category},EC2,1,{zone},us-east-1,\
         {resource},{kind},{meter},{quantity},Hours,\n"
    ));
}

#[test]
fn volumes_of_zones_without_machines_and_idle_addresses_are_unattached() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=28 {
        line(
            &mut csv,
            (day, 0),
            "1",
            "Compute",
            "a",
            "i-1",
            "m5.large",
            "BoxUsage:m5.large",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.1",
            "Compute",
            "a",
            "vol-used",
            "",
            "EBS:VolumeUsage.gp3",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.5",
            "Compute",
            "b",
            "vol-lost",
            "",
            "EBS:VolumeUsage.gp3",
            "24",
        );
        line(
            &mut csv,
            (day, 0),
            "0.2",
            "Compute",
            "",
            "eipalloc-1",
            "",
            "ElasticIP:IdleAddress",
            "24",
        );
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let advice = found(&context(&fixture, None), "unattached-storage");
    let subjects: Vec<&str> = advice.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects, ["vol-lost", "eipalloc-1"]);
    assert_eq!(advice[0].saving_per_month, Some(amount("15.22")));
    assert!(
        matches!(&advice[0].apply, Apply::Owner { command } if command.contains("create-snapshot"))
    );
}

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

#[test]
fn notebooks_that_never_stop_are_found_and_those_that_compute_are_not() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=14 {
        for hour in 0..24 {
            for name in ["nb-forgotten", "nb-trains"] {
                line(
                    &mut csv,
                    (day, hour),
                    "0.1",
                    "AI and Machine Learning",
                    "a",
                    name,
                    "",
                    "USE1-Notebk:ml.t3.medium",
                    "1",
                );
            }
            if (9..17).contains(&hour) {
                line(
                    &mut csv,
                    (day, hour),
                    "0.1",
                    "AI and Machine Learning",
                    "a",
                    "nb-daily",
                    "",
                    "USE1-Notebk:ml.t3.medium",
                    "1",
                );
            }
        }
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let machines = [
        machine("nb-trains", 60.0, 7),
        machine("nb-forgotten", 1.0, 7),
    ];
    let context = Context {
        machines: &machines,
        ..context(&fixture, None)
    };
    let advice = found(&context, "idle-notebooks");
    assert_eq!(advice.len(), 1, "{advice:?}");
    assert_eq!(advice[0].subject, "nb-forgotten");
    assert!(advice[0].evidence[1].contains("1.0 %"), "{advice:?}");
}

fn machine(name: &str, cpu: f32, days: i32) -> Machine {
    let day = |n| Samples {
        day: Day::from_days(20_000 + n),
        cpu: vec![cpu; 288],
    };
    Machine {
        name: name.to_owned(),
        hourly: None,
        days: (0..days).map(day).collect(),
    }
}

#[test]
fn an_idle_accelerator_is_one_of_a_machine_and_no_machine() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    line(
        &mut csv,
        (1, 0),
        "24",
        "Compute",
        "a",
        "arn:aws:ec2:us-east-1:1:instance/gpu-1",
        "p3.2xlarge",
        "BoxUsage:p3.2xlarge",
        "8",
    );
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let mut machines = [
        machine("gpu-1", 50.0, 8),
        machine("gpu-1:accelerator", 2.0, 8),
    ];
    utilization::price(&mut machines, &fixture.ledger, at("2026-06-29"), 28).unwrap();
    assert_eq!(machines[1].hourly, Some((amount("3"), "USD".to_owned())));
    let context = Context {
        machines: &machines,
        ..context(&fixture, None)
    };
    let advice = found(&context, "idle-accelerators");
    assert_eq!(
        (advice[0].subject.as_str(), advice[0].saving_per_month),
        ("gpu-1", Some(amount("2190")))
    );
    let all = advise(&context).unwrap();
    let others = all
        .iter()
        .filter(|finding| finding.rule != "idle-accelerators");
    assert!(
        others
            .flat_map(|f| &f.advice)
            .all(|one| !one.subject.contains(":accelerator"))
    );
}

fn catalog() -> OfferTable {
    let mut builder = OfferTable::builder();
    let source = builder
        .source(Source {
            name: "test".into(),
            note: "made for a test".into(),
            as_of: Day::from_days(20_000),
            exactness: Exactness::Exact,
        })
        .unwrap();
    for (provider, name, cpus, gib, micros, architecture) in [
        ("aws", "m5.2xlarge", 8, 32, 384_000, Architecture::X86_64),
        ("aws", "r5.large", 2, 16, 126_000, Architecture::X86_64),
        ("aws", "r5.xlarge", 4, 32, 252_000, Architecture::X86_64),
        ("aws", "r6g.xlarge", 4, 32, 201_600, Architecture::Arm64),
        ("aws", "m5.large", 2, 8, 96_000, Architecture::X86_64),
        (
            "google",
            "n2-standard-8",
            8,
            32,
            300_000,
            Architecture::X86_64,
        ),
    ] {
        builder.push(Offer {
            machine: Kind {
                provider: provider.into(),
                name: name.into(),
                vcpus_milli: cpus * 1_000,
                memory_bytes: gib << 30,
                architecture,
                accelerator: None,
            },
            region: "us-east-1".into(),
            zone: "".into(),
            prices: [Some(Money::micros(micros)), None, None, None],
            sources: [source; 4],
            interruption_percent: None,
        });
    }
    builder.build().unwrap()
}

#[test]
fn a_right_sized_machine_is_the_cheapest_that_keeps_the_memory_nobody_measured() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    line(
        &mut csv,
        (1, 0),
        "9.216",
        "Compute",
        "a",
        "i-1",
        "m5.2xlarge",
        "BoxUsage:m5.2xlarge",
        "24",
    );
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let offers = catalog();
    let machines = [machine("i-1", 30.0, 20)];
    let context = Context {
        machines: &machines,
        ..context(&fixture, Some(&offers))
    };
    let advice = found(&context, "right-size");
    assert_eq!(advice[0].change, "take a smaller machine, `r6g.xlarge`");
    // (0.384 − 0.2016) × 730.
    assert_eq!(advice[0].saving_per_month, Some(amount("133.15")));
    assert!(
        advice[0].risk.contains("from x86_64 to arm64"),
        "{}",
        advice[0].risk
    );
}

#[test]
fn discounts_for_a_part_of_the_spend_are_weighed_together() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=28 {
        for hour in 0..24 {
            line(
                &mut csv,
                (day, hour),
                "10",
                "Compute",
                "a",
                "i-1",
                "m5.large",
                "Box",
                "1",
            );
            line(
                &mut csv,
                (day, hour),
                "5",
                "Compute",
                "a",
                "i-2",
                "c5.large",
                "Box",
                "1",
            );
        }
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let discounts = [
        ("broad".to_owned(), 20),
        ("m5@resource-type=m5.large".to_owned(), 40),
    ];
    let context = Context {
        discounts: &discounts,
        ..context(&fixture, None)
    };
    let advice = found(&context, "commitment");
    assert_eq!(
        advice[0].change,
        "commit to 6.00 USD an hour of `m5` at 40 % and 4.00 USD an hour of `broad` at 20 %"
    );
    // Five an hour: 4 of m5's ten and 1 of the other five.
    assert_eq!(
        advice[0].saving_per_month,
        Some(amount("3360").part(304_375, 280_000).rounded(2))
    );
    let wrong = [("x@resource-typo=a".to_owned(), 10)];
    let context = Context {
        discounts: &wrong,
        ..context
    };
    assert!(
        advise(&context)
            .unwrap_err()
            .to_string()
            .contains("resource-typo")
    );
}

#[test]
fn what_was_applied_is_remembered() {
    let fixture = Fixture::new();
    let applied = Applied {
        id: "advice-1".to_owned(),
        rule: "idle-endpoints".to_owned(),
        action: Action::ScaleEndpoint {
            workspace: "default".to_owned(),
            endpoint: "churn".to_owned(),
            deployment: "blue".to_owned(),
            replicas: 0,
        },
        before: Before::Replicas {
            replicas: 2,
            most: None,
        },
        at: at("2026-06-01"),
        by: "owner".to_owned(),
        done: true,
        undone: None,
    };
    fixture.ledger.remember_applied(applied.clone()).unwrap();
    assert_eq!(fixture.ledger.applied().unwrap()["advice-1"], applied);
}
