//! What plans cost and take, reckoned by hand.

use domain::resources::Resources;
use domain::{ByteSize, Money, Span};
use tradewind_planner::question::{DataAt, History, Observation, RunTime};
use tradewind_planner::{Basis, Objective, Payment};

use crate::support::{cpus, gpus, hour, place, plan, question, spot_too};

#[test]
fn compute_set_up_and_minimum_billing() {
    let mut workload = hour("w", cpus(2_000));
    workload.set_up = Span::minutes(15);
    let found = plan(&question().with(workload.clone()));
    assert_eq!(found.cost, Money::micros(100_000));
    assert_eq!(found.time, Span::minutes(75));
    workload.set_up = Span::ZERO;
    workload.run_time = RunTime::declared(Span::seconds(1));
    let found = plan(&question().with(workload.clone()));
    assert_eq!(
        found.cost,
        Money::micros(80_000 / 60 + 1),
        "a minute is the least"
    );
    workload.resources.nodes = 3;
    let found = plan(&question().with(workload));
    assert_eq!(
        found.cost,
        Money::micros(4_000),
        "three machines for a minute"
    );
}

#[test]
fn disks_and_managed_services() {
    let mut workload = hour("w", cpus(4_000));
    workload.resources.disk = Some(ByteSize::gibibytes(730));
    workload.policy.providers = vec!["aws".into()];
    let found = plan(&question().with(workload.clone()));
    assert_eq!(found.placed[0].offer.estimate.disk, Money::micros(80_000));
    assert_eq!(found.cost, Money::micros(240_000));
    workload.resources.disk = None;
    workload
        .services
        .insert("aws".into(), "sagemaker-training".into());
    let found = plan(&question().with(workload));
    assert_eq!(
        found.cost,
        Money::micros(192_000),
        "a fifth more than the machine"
    );
    assert_eq!(found.placed[0].offer.price.per_hour, Money::micros(160_000));
}

#[test]
fn spot_counts_lost_work() {
    let mut workload = hour("w", cpus(4_000));
    workload.policy = spot_too();
    workload.run_time = RunTime::declared(Span::hours(100));
    let found = plan(&question().with(workload));
    let estimate = &found.placed[0].offer.estimate;
    assert_eq!(found.placed[0].offer.payment, Payment::Spot);
    // 5 % a month: l = 7.03e-5 an hour; (e^(100 l) - 1) / l = 100.353 h.
    let minutes = estimate.interruptions.0 / 60_000;
    assert!((20..=22).contains(&minutes), "{minutes}");
    assert!(found.cost > Money::micros(45_000 * 100));
}

#[test]
fn transfers_fill_tiers_once() {
    let data = |bytes| DataAt {
        provider: "aws".into(),
        region: "eu-1".into(),
        bytes,
    };
    let mut workload = hour("w", gpus("A100", 1));
    workload.inputs = vec![data(150 << 30)];
    let question = || {
        let mut asked = question();
        asked.egress_used.insert("aws".into(), 0);
        asked
    };
    let found = plan(&question().with(workload.clone()));
    assert_eq!(
        found.transfers[0].cost,
        Money::micros(50 * 90_000),
        "100 GiB are free"
    );
    assert_eq!(found.cost, Money::micros(3_000_000 + 50 * 90_000));
    // Two halves share the free volume: the plan costs as much as the one piece.
    workload.inputs = vec![data(75 << 30), data(75 << 30)];
    let found = plan(&question().with(workload.clone()));
    assert_eq!(found.cost, Money::micros(3_000_000 + 50 * 90_000));
    let mut asked = question().with(workload);
    asked.egress_used.insert("aws".into(), 100 << 30);
    assert_eq!(plan(&asked).cost, Money::micros(3_000_000 + 150 * 90_000));
    asked.egress_used.clear();
    let unsaid = plan(&asked).cost;
    assert_eq!(
        unsaid,
        Money::micros(3_000_000 + 150 * 90_000),
        "nothing is promised unasked"
    );
}

#[test]
fn data_holds_work_where_it_is() {
    // 30 GiB to another region cost more than the cheaper machine saves.
    let mut workload = hour("w", cpus(4_000));
    workload.policy.providers = vec!["aws".into()];
    workload.inputs = vec![DataAt {
        provider: "aws".into(),
        region: "eu-1".into(),
        bytes: 30 << 30,
    }];
    assert_eq!(
        place(&plan(&question().with(workload.clone())), "w").1,
        "eu-1"
    );
    workload.inputs[0].bytes = 1 << 30;
    assert_eq!(place(&plan(&question().with(workload)), "w").1, "us-1");
}

#[test]
fn run_times_scale_and_are_learned() {
    let on_one = RunTime::on_accelerators(Span::hours(10), "A100", 1);
    let mut asked = question().with(hour("w", gpus("A100", 1)).takes(on_one.clone()));
    asked.objective = Objective::Time;
    // One device is asked for; the second of the larger machine would be idle.
    let found = plan(&asked);
    assert_eq!(place(&found, "w").0, "a2");
    assert_eq!(found.placed[0].offer.estimate.run.1, Span::hours(10));
    asked.workloads[0].resources = gpus("A100", 2);
    let found = plan(&asked);
    assert_eq!(place(&found, "w").0, "a2x");
    let (early, likely, late) = found.placed[0].offer.estimate.run;
    assert_eq!(likely, Span::hours(5));
    assert!(early < likely && likely < late);
    assert_eq!(found.placed[0].offer.estimate.basis, Basis::Scaled);

    // Another model by its published figures: the slower of 312 to 65 Tflop/s and 1,555 to 320
    // GB/s, for as many devices as the reference has.
    asked.workloads[0].resources = gpus("T4", 1);
    let t4 = plan(&asked).placed[0].offer.estimate.run.1;
    assert!((Span::hours(47)..Span::hours(50)).contains(&t4), "{t4}");
    asked.workloads[0].resources = gpus("A100", 1);

    // History: the large machine is no faster than the small one.
    let run = |machine: &str, hours| Observation {
        name: "train".into(),
        provider: "google".into(),
        machine: machine.into(),
        took: Span::hours(hours),
    };
    asked.workloads[0].run_time = on_one.learned("train");
    asked.history = History(vec![
        run("a2", 8),
        run("a2", 9),
        run("a2", 8),
        run("a2x", 9),
        run("a2x", 9),
    ]);
    let found = plan(&asked);
    assert_eq!(place(&found, "w").0, "a2");
    assert_eq!(
        found.placed[0].offer.estimate.basis,
        Basis::Learned { runs: 3 }
    );

    let cpus_time = RunTime::on_cpus(Span::hours(10), 4_000, 900);
    let mut asked = question().with(hour("w", Resources::default()).takes(cpus_time));
    asked.objective = Objective::Time;
    let found = plan(&asked);
    assert_eq!(place(&found, "w").0, "a2x", "24 processors");
    let likely = found.placed[0].offer.estimate.run.1;
    // Amdahl: (0.1 + 0.9 / 24) / (0.1 + 0.9 / 4) of ten hours.
    assert_eq!(likely.0 / 1000, 15_230);
}

#[test]
fn this_machine_competes() {
    let day = domain::day::Day::from_days(20_000);
    let market = crate::support::builder(&crate::support::ROWS)
        .local(
            (8_000, domain::offer::Architecture::X86_64),
            32 << 30,
            Money::ZERO,
            day,
        )
        .unwrap()
        .build()
        .unwrap();
    let mut asked = question().with(hour("w", cpus(4_000)));
    asked.market = std::sync::Arc::new(market);
    let found = plan(&asked);
    assert_eq!(
        (place(&found, "w"), found.cost),
        (("this-machine", "here"), Money::ZERO)
    );
    asked.workloads[0].resources = cpus(12_000);
    assert_eq!(place(&plan(&asked), "w").0, "a2");
}
