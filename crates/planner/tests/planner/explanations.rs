//! What a plan tells of itself.

use domain::Money;
use domain::resources::Resources;
use tradewind_planner::Proof;

use crate::support::{cpus, gpus, hour, plan, question, spot_too};

#[test]
fn runners_up_cost_what_they_say() {
    let found = plan(&question().with(hour("w", cpus(4_000))));
    let told: Vec<(&str, Money)> = found.placed[0]
        .runners_up
        .iter()
        .map(|it| (it.offer.machine.as_str(), it.more_money))
        .collect();
    let more = Money::micros;
    assert_eq!(
        told,
        [
            ("m.xlarge", more(10_000)),
            ("g.big", more(450_000)),
            ("a2", more(2_850_000))
        ]
    );
    assert!(
        found.placed[0]
            .runners_up
            .iter()
            .all(|it| it.more_time.0 == 0)
    );
}

#[test]
fn runners_up_count_the_data_they_move() {
    let asked = question()
        .with(hour("a", gpus("T4", 1)))
        .with(hour("b", cpus(4_000)));
    let found = plan(&asked.link("a", "b", 300 << 30));
    let runner_up = &found.placement("b").unwrap().runners_up[0];
    // Everything is in us-1 now; n4 is 0.01 cheaper by itself, and 200 GiB leave AWS for it.
    assert_eq!(runner_up.offer.machine, "g.big");
    assert_eq!(found.transfers[0].cost, Money::ZERO);
}

#[test]
fn tables_and_pictures_name_everything() {
    let asked = question()
        .with(hour("prepare", cpus(4_000)))
        .with(hour("train", gpus("A100", 1)))
        .with(hour("report", Resources::default()))
        .link("prepare", "train", 200 << 30)
        .link("train", "report", 1 << 20)
        .link("prepare", "report", 0);
    let found = plan(&asked);
    assert_eq!(found.proof, Proof::Optimal);
    let table = found.table();
    for part in [
        "prepare",
        "google europe-w",
        "a2",
        "proved to be the best",
        "rejected by purchase",
    ] {
        assert!(table.contains(part), "{part} is missing in\n{table}");
    }
    let picture = found.picture();
    let lines: Vec<&str> = picture.lines().collect();
    assert!(lines[0].starts_with("● prepare"), "{picture}");
    assert!(picture.contains("   ● train"), "{picture}");
    assert!(picture.contains("      ● report"), "{picture}");
    assert!(picture.contains("↖ prepare 200 GiB"), "{picture}");
    let sum: Money = found
        .placed
        .iter()
        .map(|it| it.offer.estimate.compute + it.offer.estimate.disk)
        .sum();
    let moved: Money = found.transfers.iter().map(|it| it.cost).sum();
    assert_eq!(found.cost, sum + moved);
}

#[test]
fn every_offer_is_accounted_for() {
    let mut workload = hour("w", gpus("T4", 1));
    workload.policy = spot_too();
    workload.policy.residency = vec!["us".into()];
    let found = plan(&question().with(workload));
    let placed = &found.placed[0];
    assert_eq!(placed.considered, 17);
    let group = |rule: &str| placed.rejected.iter().find(|it| it.rule == rule).unwrap();
    assert_eq!(
        (group("accelerator").offers, group("accelerator").alone),
        (15, 4)
    );
    assert_eq!(
        (group("residency").offers, group("residency").alone),
        (11, 0)
    );
}
