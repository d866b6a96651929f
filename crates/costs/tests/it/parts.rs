//! Memory and network beside the processors, where they were measured.

use crate::support::Fixture;
use domain::day::Day;
use tradewind_costs::instant;
use tradewind_costs::rules::utilization::{Machine, Samples};
use tradewind_costs::rules::{Advice, Context, Policy, advise};

fn machine(name: &str, use_of_it: f32) -> Machine {
    let day = |n| Samples {
        day: Day::from_days(20_000 + n),
        cpu: vec![use_of_it; 288],
    };
    Machine {
        name: name.to_owned(),
        hourly: Some(("1".parse().unwrap(), "USD".to_owned())),
        days: (0..20).map(day).collect(),
    }
}

fn advised(machines: &[Machine]) -> Vec<Advice> {
    let fixture = Fixture::new();
    let context = Context {
        ledger: &fixture.ledger,
        machines,
        offers: None,
        discounts: &[],
        policy: Policy::Percentile,
        now: instant::read("2026-07-01").unwrap(),
        days: 30,
    };
    let all = advise(&context).unwrap();
    let found = all.into_iter().find(|one| one.rule == "right-size");
    found.unwrap().advice
}

#[test]
fn a_machine_is_as_large_as_its_memory_and_its_network_need() {
    let cpu = machine("m", 5.0);
    let alone = advised(std::slice::from_ref(&cpu));
    assert!(alone[0].change.contains("12.5 %"), "{alone:?}");
    let unseen = "memory and network were not looked at";
    assert!(alone[0].risk.starts_with(unseen), "{alone:?}");
    // 20 % and a fifth more are 24 %.
    let network = advised(&[cpu.clone(), machine("m:network", 20.0)]);
    assert_eq!(network.len(), 1, "{network:?}");
    assert!(network[0].change.contains("25 %"), "{network:?}");
    assert!(network[0].risk.starts_with("memory was not looked at"));
    let seen = network[0].evidence.join("; ");
    assert!(seen.contains("network: P95 20.0 %"), "{seen}");
    // A full memory keeps a machine that computes nothing, and makes it larger when it is saturated.
    assert!(advised(&[cpu.clone(), machine("m:memory", 60.0)]).is_empty());
    let larger = advised(&[cpu, machine("m:memory", 98.0), machine("m:network", 1.0)]);
    assert!(larger[0].change.contains("larger"), "{larger:?}");
    assert!(larger[0].risk.starts_with("a peak"), "{larger:?}");
}

#[test]
fn series_of_parts_are_no_machines_that_idle() {
    let parts = ["m:memory", "m:network", "m:accelerator"];
    let machines: Vec<Machine> = parts.iter().map(|name| machine(name, 1.0)).collect();
    assert!(advised(&machines).is_empty());
}
