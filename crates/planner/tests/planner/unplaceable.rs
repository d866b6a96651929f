//! Questions without a plan say what would have to give way.

use domain::Money;
use tradewind_planner::{Constrained, Constraint, Question, Unplaceable};

use crate::support::{cpus, gpus, hour, memory, plan, question};

fn blocked(asked: &Question) -> Constrained {
    match tradewind_planner::plan(asked) {
        Err(Unplaceable::Constrained(why)) => *why,
        other => panic!("{other:?}"),
    }
}

fn rules(why: &Constrained) -> Vec<Vec<String>> {
    let sets = why.ways_out.iter();
    sets.map(|way| {
        let relax = way.relax.iter();
        relax
            .map(|it| match it {
                Constraint::Rule { workload, rule } => format!("{workload}/{rule}"),
                other => other.to_string(),
            })
            .collect()
    })
    .collect()
}

#[test]
fn the_smallest_set_is_named_with_what_it_would_bring() {
    let mut workload = hour("w", gpus("A100", 1));
    workload.policy.providers = vec!["aws".into()];
    workload.policy.residency = vec!["eu".into()];
    let why = blocked(&question().with(workload));
    assert_eq!(why.workloads[0].workload, "w");
    assert!(why.smallest);
    // Giving up one rule is enough: the accelerator (m.large in eu-1) or the provider.
    assert_eq!(rules(&why), [["w/accelerator"], ["w/provider"]]);
    assert_eq!(why.ways_out[0].cost, Money::micros(100_000));
    assert_eq!(why.ways_out[1].cost, Money::dollars(3));
    assert!(why.ways_out[1].places[0].contains("a2 in google europe-w"));
}

#[test]
fn two_rules_when_one_is_not_enough() {
    let mut workload = hour("w", gpus("A100", 1));
    workload.policy.providers = vec!["aws".into()];
    workload.resources.memory = memory(100).memory;
    let why = blocked(&question().with(workload));
    assert!(why.smallest);
    // aws has neither the memory nor the accelerator; google has a machine with both.
    assert_eq!(rules(&why), [["w/provider"]]);
    let mut workload = hour("w", gpus("T4", 1));
    workload.policy.residency = vec!["nl".into()];
    workload.policy.maximum_hourly_price = Some(Money::micros(100_000));
    let why = blocked(&question().with(workload));
    let sets = rules(&why);
    assert!(sets.iter().all(|set| set.len() == 2), "{sets:?}");
    assert!(sets.contains(&vec![
        "w/accelerator".to_owned(),
        "w/hourly price".to_owned()
    ]));
}

#[test]
fn each_workload_that_is_stuck_is_relaxed() {
    let mut one = hour("a", gpus("A100", 1));
    one.policy.providers = vec!["aws".into()];
    let two = hour("b", cpus(100_000));
    let why = blocked(&question().with(one).with(hour("c", cpus(1))).with(two));
    assert_eq!(why.workloads.len(), 2);
    assert!(why.smallest);
    assert!(rules(&why).contains(&vec!["a/provider".to_owned(), "b/cpu".to_owned()]));
}

#[test]
fn relaxing_really_helps() {
    let mut workload = hour("w", gpus("A100", 1));
    workload.policy.maximum_cost = Some(Money::dollars(1));
    let asked = question().with(workload);
    let why = blocked(&asked);
    let way = why
        .ways_out
        .iter()
        .find(|it| it.relax[0].to_string() == "cost of `w`")
        .unwrap();
    let mut relaxed = asked;
    relaxed.workloads[0].policy.maximum_cost = None;
    assert_eq!(plan(&relaxed).cost, way.cost);
}
