//! Each hard rule lets through what it should and names itself when it does not.

use domain::Money;
use domain::offer::Architecture;
use domain::policy::PurchaseKind;
use domain::resources::{Amount, Resources};
use tradewind_planner::market::Quarantined;
use tradewind_planner::question::{Bounds, DataAt, Near};
use tradewind_planner::{Payment, Plan, Workload};

use crate::support::{ROWS, builder, cpus, gpus, hour, memory, place, plan, question, spot_too};

fn one(change: impl FnOnce(&mut Workload)) -> Plan {
    let mut workload = hour("w", Resources::default());
    change(&mut workload);
    plan(&question().with(workload))
}

fn rejected(plan: &Plan, rule: &str) -> u64 {
    let mut groups = plan.placed[0].rejected.iter();
    let group = groups.find(|it| it.rule == rule);
    group.map_or(0, |it| {
        assert!(!it.why.is_empty() && !it.example.is_empty());
        it.offers
    })
}

#[test]
fn machines_must_be_large_enough() {
    let found = one(|it| it.resources = cpus(4_000));
    assert_eq!(place(&found, "w"), ("n4", "asia-e"));
    // Both ways to buy of two rows of two vCPU.
    assert_eq!(rejected(&found, "cpu"), 4);
    let found = one(|it| it.resources = memory(80));
    assert_eq!(place(&found, "w"), ("a2", "europe-w"));
    let exact = Some(Amount::Exactly(2_000));
    let found = one(|it| it.resources.milli_cpus = exact);
    assert_eq!(place(&found, "w"), ("m.large", "us-1"));
}

#[test]
fn accelerators_by_model_and_count() {
    assert_eq!(
        place(&one(|it| it.resources = gpus("a100", 1)), "w"),
        ("a2", "europe-w")
    );
    let found = one(|it| it.resources = gpus("A100", 2));
    assert_eq!(place(&found, "w"), ("a2x", "asia-e"));
    let group = found.placed[0]
        .rejected
        .iter()
        .find(|it| it.rule == "accelerator")
        .unwrap();
    assert!(group.why.contains("2 × A100"), "{}", group.why);
}

#[test]
fn places_by_provider_region_residency_and_distance() {
    let found = one(|it| it.policy.providers = vec!["aws".into()]);
    assert_eq!(place(&found, "w"), ("m.large", "us-1"));
    let found = one(|it| it.bounds.regions = vec!["aws/eu-1".into()]);
    assert_eq!(place(&found, "w"), ("m.large", "eu-1"));
    let found = one(|it| it.policy.residency = vec!["eu".into()]);
    assert_eq!(place(&found, "w"), ("m.large", "eu-1"));
    assert!(
        found.placed[0].evidence[0].contains("member state"),
        "{:?}",
        found.placed[0].evidence
    );
    assert_eq!(rejected(&found, "residency"), 9);
    let rules = vec!["not: us".into(), "not: de".into()];
    let found = one(|it| it.policy.residency = rules);
    assert_eq!(place(&found, "w"), ("n4", "asia-e"));
    let near = Near {
        provider: "aws".into(),
        region: "us-1".into(),
        kilometres: 100,
    };
    let found = one(|it| it.bounds.near = Some(near));
    assert_eq!(place(&found, "w"), ("m.large", "us-1"));
    let bounds = Bounds {
        certifications: vec!["ISO27001".into()],
        ..Bounds::default()
    };
    one(|it| it.bounds = bounds);
}

#[test]
fn data_must_stay_where_it_may_be() {
    let mut writer = hour("a", cpus(4_000));
    writer.bounds.data_residency = vec!["europe".into()];
    let asked = question()
        .with(writer)
        .with(hour("b", cpus(4_000)))
        .link("a", "b", 1 << 30);
    let found = plan(&asked);
    for name in ["a", "b"] {
        assert_eq!(
            place(&found, name).1,
            "europe-w",
            "the reader holds the data too"
        );
    }
    let mut asked = question().with(hour("w", cpus(1_000)));
    asked.workloads[0].inputs = vec![DataAt {
        provider: "aws".into(),
        region: "us-1".into(),
        bytes: 1 << 30,
    }];
    asked.workloads[0].bounds.egress_residency = vec!["eu".into()];
    let error = tradewind_planner::plan(&asked).unwrap_err().to_string();
    assert!(error.contains("egress residency of `w`"), "{error}");
}

#[test]
fn purchase_kinds_and_hourly_price() {
    let found = one(|it| it.policy = spot_too());
    assert_eq!(found.placed[0].offer.payment, Payment::Spot);
    let found = one(|it| it.policy.purchase = vec![]);
    assert_eq!(found.placed[0].offer.payment, Payment::OnDemand);
    assert_eq!(rejected(&found, "purchase"), 8);
    let found = one(|it| {
        it.resources = gpus("A100", 1);
        it.policy.purchase = vec![PurchaseKind::OnDemand, PurchaseKind::Spot];
        it.policy.maximum_hourly_price = Some(Money::dollars(2));
    });
    assert_eq!(found.placed[0].offer.payment, Payment::Spot);
    assert_eq!(rejected(&found, "hourly price"), 2);
}

#[test]
fn architecture_and_machine_type() {
    let mut asked = question().with(hour("w", Resources::default()));
    asked.workloads[0].architectures = vec![Architecture::Arm64];
    let error = tradewind_planner::plan(&asked).unwrap_err().to_string();
    assert!(error.contains("relax architecture of `w`"), "{error}");
    let name = Some("m.xlarge".into());
    let found = one(|it| it.resources.instance_type = name);
    assert_eq!(place(&found, "w"), ("m.xlarge", "us-1"));
}

#[test]
fn barred_prices_are_passed_over() {
    let barred = Quarantined {
        provider: "aws".into(),
        machine: "m.large".into(),
        region: "us-1".into(),
        zone: None,
        purchase: None,
        reason: "a tenth of its price elsewhere".into(),
    };
    let mut asked = question().with(hour("w", Resources::default()));
    let market = builder(&ROWS).quarantined(vec![barred]).build().unwrap();
    asked.market = std::sync::Arc::new(market);
    let found = plan(&asked);
    assert_eq!(place(&found, "w"), ("m.large", "eu-1"));
    assert_eq!(rejected(&found, "quarantine"), 2);
}
