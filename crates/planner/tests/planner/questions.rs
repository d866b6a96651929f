//! Bad questions and replays.

use domain::{Span, Timestamp};
use tradewind_planner::{Error, Objective, Replay, Thing, Unplaceable, replay};

use crate::support::{ROWS, builder, cpus, gpus, hour, plan, question};

fn error(question: &tradewind_planner::Question) -> Error {
    match tradewind_planner::plan(question) {
        Err(Unplaceable::Question(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn unknown_names_get_the_nearest() {
    let asked = question().with(hour("w", gpus("A10O", 1)));
    let Error::Unknown { what, nearest, .. } = error(&asked) else {
        panic!()
    };
    assert_eq!((what, nearest[0].as_str()), (Thing::Accelerator, "A100"));

    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0].policy.residency = vec!["gpdr".into()];
    assert!(error(&asked).to_string().contains("`gdpr`"));

    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0].bounds.regions = vec!["eu-2".into()];
    assert!(
        error(&asked).to_string().contains("`eu-1`"),
        "{}",
        error(&asked)
    );

    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0].bounds.certifications = vec!["iso-27002".into()];
    assert!(error(&asked).to_string().contains("`iso27001`"));

    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0].resources.instance_type = Some("m.larg".into());
    assert!(error(&asked).to_string().contains("`m.large`"));

    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0]
        .services
        .insert("aws".into(), "sagemaker-trainings".into());
    assert!(error(&asked).to_string().contains("`sagemaker-training`"));
}

#[test]
fn data_of_an_unknown_provider_gets_the_nearest_provider() {
    let mut asked = question().with(hour("w", cpus(1)));
    asked.workloads[0].inputs = vec![tradewind_planner::question::DataAt {
        provider: "awss".into(),
        region: "eu-1".into(),
        bytes: 1,
    }];
    let text = error(&asked).to_string();
    assert!(
        text.contains("provider `awss`") && text.contains("`aws`"),
        "{text}"
    );
}

#[test]
fn what_is_said_of_accounts_must_be_about_something() {
    use tradewind_planner::question::{Commitment, ExpectedWait, Quota, QuotaUnit};
    let one = || question().with(hour("w", cpus(1)));
    let mut asked = one();
    asked.quotas = vec![Quota {
        name: "vCPUs".into(),
        provider: "goggle".into(),
        region: None,
        families: Vec::new(),
        purchase: None,
        unit: QuotaUnit::Machines,
        limit: 4,
        used: 0,
        frees_in: None,
    }];
    let text = error(&asked).to_string();
    assert!(
        text.contains("`google`") && text.contains("`quota vCPUs`"),
        "{text}"
    );
    asked.quotas[0].provider = "google".into();
    asked.quotas[0].region = Some("asia-w".into());
    assert!(error(&asked).to_string().contains("`asia-e`"));
    asked.quotas[0].region = None;
    asked.quotas[0].limit = -1;
    assert!(matches!(error(&asked), Error::Amount { .. }));

    let mut asked = one();
    asked.commitments = vec![Commitment {
        name: "savings".into(),
        provider: "aws".into(),
        region: None,
        machine: "m.xlarg".into(),
        machines: 1,
    }];
    assert!(error(&asked).to_string().contains("`m.xlarge`"));

    let mut asked = one();
    asked.waits = vec![ExpectedWait {
        provider: "aws".into(),
        region: None,
        machine: Some("m.*".into()),
        purchase: None,
        wait: Span(-1),
    }];
    assert!(matches!(error(&asked), Error::Amount { .. }));
    asked.waits[0].machine = Some("z*".into());
    assert!(matches!(
        error(&asked),
        Error::Unknown {
            what: Thing::MachineType,
            ..
        }
    ));
}

#[test]
fn cycles_duplicates_and_senseless_amounts_are_refused() {
    let two = || question().with(hour("a", cpus(1))).with(hour("b", cpus(1)));
    let asked = two().link("a", "b", 1).link("b", "a", 1);
    let text = error(&asked).to_string();
    assert!(
        text.contains("`a` → `b` → `a`") || text.contains("`b` → `a` → `b`"),
        "{text}"
    );
    assert!(matches!(
        error(&two().with(hour("a", cpus(1)))),
        Error::Duplicate { .. }
    ));
    assert!(matches!(error(&question()), Error::Empty));
    assert!(error(&two().link("a", "c", 1)).to_string().contains("`c`"));
    let many = (0..5_001).fold(two(), |asked, _| asked.link("a", "b", 1));
    assert!(error(&many).to_string().contains("5001 links"));
    for span in [Span(0), Span(-5), Span(i64::MAX)] {
        let mut asked = two();
        asked.workloads[1].run_time.declared = span;
        assert!(matches!(error(&asked), Error::Amount { .. }), "{span}");
        let asked = two().objective(Objective::CostWithin { deadline: span });
        assert!(matches!(error(&asked), Error::Amount { .. }), "{span}");
    }
}

#[test]
fn amounts_that_overflow_are_never_planned_on() {
    let mut rows = ROWS.to_vec();
    rows.truncate(1);
    rows[0].6 = i64::MAX;
    rows[0].7 = Some(-40);
    let market = builder(&rows).build().unwrap();
    assert_eq!(market.quarantined().len(), 2);
    let mut asked = question().with(hour("w", cpus(1)));
    asked.market = std::sync::Arc::new(market);
    let Err(Unplaceable::Constrained(why)) = tradewind_planner::plan(&asked) else {
        panic!()
    };
    assert!(why.ways_out.is_empty());
    assert!(
        why.workloads[0]
            .rejected
            .iter()
            .any(|it| it.rule == "quarantine")
    );
}

#[test]
fn the_same_question_has_the_same_plan_and_replays() {
    let ask = || {
        let two = question()
            .with(hour("a", cpus(4_000)))
            .with(hour("b", gpus("T4", 1)));
        two.link("a", "b", 50 << 30)
    };
    let kept = plan(&ask());
    assert_eq!(kept, plan(&ask()));
    assert_eq!(replay(&kept, &ask()), Replay::Same);
    let text = serde_json::to_string(&kept).unwrap();
    let read: tradewind_planner::Plan = serde_json::from_str(&text).unwrap();
    assert!(read.is_intact());
    assert_eq!(read, kept);

    let mut dearer = ROWS;
    dearer[4].6 += 1_000_000;
    let mut later = ask();
    later.market = std::sync::Arc::new(builder(&dearer).build().unwrap());
    let Replay::Different { what } = replay(&kept, &later) else {
        panic!()
    };
    assert!(
        what.iter().any(|it| it.starts_with("the cost is")),
        "{what:?}"
    );

    let mut forged = kept.clone();
    forged.cost.micros -= 1;
    let Replay::Different { what } = replay(&forged, &ask()) else {
        panic!()
    };
    assert!(what[0].contains("changed"));
    let mut other = ask();
    other.now = Timestamp(5);
    assert!(matches!(replay(&kept, &other), Replay::Different { .. }));
}
