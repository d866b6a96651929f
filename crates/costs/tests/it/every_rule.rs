//! All rules at once: what they say of an empty ledger, of machines alone and of a bill alone.

use crate::rules::{amount, at};
use crate::support::{Fixture, world};
use domain::day::Day;
use tradewind_costs::rules::utilization::{Machine, Samples};
use tradewind_costs::rules::{Context, Policy, advise};

#[test]
fn every_rule_says_something_or_why_not() {
    let fixture = Fixture::new();
    let nothing = Context {
        ledger: &fixture.ledger,
        machines: &[],
        offers: None,
        discounts: &[],
        policy: Policy::Percentile,
        now: world().now(),
        days: 30,
    };
    for finding in advise(&nothing).unwrap() {
        assert!(
            finding.silent.is_some() && finding.advice.is_empty(),
            "{finding:?}"
        );
    }
    let days = |cpu: f32| {
        let day = |n| Samples {
            day: Day::from_days(20_000 + n),
            cpu: vec![cpu; 288],
        };
        (0..8).map(day).collect()
    };
    let machine = |name: &str, cpu| Machine {
        name: name.to_owned(),
        hourly: Some((amount("0.4"), "USD".to_owned())),
        days: days(cpu),
    };
    let machines = [
        machine("calm", 20.0),
        machine("idle", 1.0),
        machine("busy", 99.0),
    ];
    let known = Context {
        machines: &machines,
        ..nothing
    };
    let found = advise(&known).unwrap();
    let sized: Vec<_> = found[0]
        .advice
        .iter()
        .map(|a| (a.subject.as_str(), a.saving_per_month))
        .collect();
    assert_eq!(
        sized,
        [
            ("idle", Some(amount("255.5"))),
            ("calm", Some(amount("219"))),
            ("busy", Some(amount("-292")))
        ]
    );
    assert_eq!(found[1].advice.len(), 1);
    assert_eq!(found[1].advice[0].saving_per_month, Some(amount("292")));
}

#[test]
fn nights_of_development_and_unused_commitments_are_found() {
    let fixture = Fixture::new();
    let mut csv = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory,\
                   ServiceCategory,ResourceId,CommitmentDiscountId,CommitmentDiscountStatus,\
                   PricingCategory,Tags\n"
        .to_owned();
    for day in 1..=28 {
        for hour in 0..24 {
            csv.push_str(&format!(
                "1,1,USD,2026-06-{day:02}T{hour:02}:00:00Z,Usage,Compute,vm-dev,,,Standard,\
                 \"{{\"\"env\"\":\"\"dev\"\"}}\"\n"
            ));
        }
        csv.push_str(&format!(
            "0,0.5,USD,2026-06-{day:02}T00:00:00Z,Usage,Compute,plan,plan-1,Unused,Committed,\n"
        ));
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let discounts = [("one year".to_owned(), 28)];
    let context = Context {
        ledger: &fixture.ledger,
        machines: &[],
        offers: None,
        discounts: &discounts,
        policy: Policy::Percentile,
        now: at("2026-06-29T00:00:00Z"),
        days: 28,
    };
    let found = advise(&context).unwrap();
    let of = |rule: &str| {
        found
            .iter()
            .find(|f| f.rule == rule)
            .unwrap()
            .advice
            .clone()
    };
    // Twenty working days of twelve hours are left of 672.
    let schedule = of("schedule");
    assert_eq!(schedule[0].subject, "vm-dev");
    assert!(
        schedule[0].evidence[0].contains("432.00 of 672.00"),
        "{schedule:?}"
    );
    let unused = of("unused-commitment");
    assert!(
        unused[0].evidence[0].contains("14.00 of 14.00"),
        "{unused:?}"
    );
    let commitment = of("commitment");
    assert!(
        commitment[0].change.contains("0.72 USD an hour"),
        "{commitment:?}"
    );
    let saving = commitment[0].saving_per_month.unwrap();
    assert_eq!(saving, amount("188.16").part(304_375, 280_000).rounded(2));
}
