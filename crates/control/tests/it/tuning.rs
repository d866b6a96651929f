//! Searches under crashes, and what is decided about them.

use crate::simulation::Simulation;
use contracts::activities::Standing;
use control::tuning::decide::{self, SeenTrial};
use control::tuning::{NewTuning, search};
use control::{Control, driver};
use domain::execution::FailureClass;
use domain::metric::Finite;
use domain::tuning::{
    Dimension, Goal, Range, Scale, SeenPoint, Strategy, Trial, TrialEnding, TrialState, Tuning,
    TuningPhase, TuningSpec,
};
use domain::{Refusal, Span, Timestamp, Workspace};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

fn finite(value: f64) -> Finite {
    Finite::new(value).unwrap()
}

fn spec(strategy: Strategy, trials: u32, parallel: u32) -> TuningSpec {
    let range = match strategy {
        Strategy::Grid => Range::Categorical {
            values: vec!["a".into(), "b".into(), "c".into()],
        },
        _ => Range::Continuous {
            min: finite(0.0),
            max: finite(1.0),
            scale: Scale::Linear,
        },
    };
    let name = "x".to_owned();
    TuningSpec {
        space: vec![Dimension { name, range }],
        metric: "m".to_owned(),
        goal: Goal::Maximize,
        strategy,
        trials,
        parallel,
        stop_early: false,
        longest: None,
        target: None,
        not_improving: None,
        seed: 11,
        prior: vec![],
    }
}

fn tuning(spec: TuningSpec) -> Tuning {
    Tuning {
        id: "t".to_owned(),
        workspace: Workspace::default(),
        dialect: "simulated".to_owned(),
        kind: "work".to_owned(),
        actor: json!({"tuning": "t"}),
        document: json!({}),
        template: json!({}),
        spec,
        created: Timestamp(0),
        modified: Timestamp(0),
        ended: None,
        phase: TuningPhase::Running,
        failure: None,
        trials: vec![],
    }
}

fn seen(standing: Standing, reports: &[f64]) -> SeenTrial {
    let reports: Vec<Finite> = reports.iter().map(|value| finite(*value)).collect();
    SeenTrial {
        standing,
        last: reports.last().copied(),
        reports,
    }
}

fn done(reports: &[f64]) -> SeenTrial {
    seen(Standing::Succeeded { result: json!({}) }, reports)
}

fn failed() -> SeenTrial {
    let standing = Standing::Failed {
        reason: "it broke".to_owned(),
        class: FailureClass::Own,
    };
    seen(standing, &[])
}

fn settle(tuning: &mut Tuning, seen: impl IntoIterator<Item = (u32, SeenTrial)>) {
    decide::settle(tuning, &seen.into_iter().collect(), Timestamp(1_000));
}

fn running(tuning: &Tuning) -> Vec<u32> {
    let running = tuning.trials.iter().filter(|trial| trial.is_running());
    running.map(|trial| trial.number).collect()
}

async fn start(server: &Control, spec: TuningSpec) -> Tuning {
    let wanted = tuning(spec);
    let new = NewTuning {
        id: wanted.id,
        dialect: wanted.dialect,
        kind: wanted.kind,
        actor: wanted.actor,
        document: wanted.document,
        template: wanted.template,
        spec: wanted.spec,
    };
    let caller = Simulation::caller();
    server.start_tuning(&caller, &new).await.unwrap()
}

#[tokio::test]
async fn each_trial_is_made_once_whatever_dies() {
    for seed in 0..60 {
        let mut simulation = Simulation::new(seed);
        let calm = simulation.server(false);
        start(&calm, spec(Strategy::Random, 7, 2)).await;
        for _ in 0..30 {
            simulation.step().await;
        }
        simulation.settle().await;
        let over = calm.tuning(&Simulation::caller(), "t").await.unwrap();
        assert_eq!(over.phase, TuningPhase::Succeeded, "seed {seed}");
        let names: BTreeSet<&String> = over.trials.iter().map(|trial| &trial.name).collect();
        let made = simulation.dialect.made();
        assert_eq!(made.iter().collect::<BTreeSet<_>>(), names, "seed {seed}");
        assert_eq!(made.len(), 7);
    }
}

#[tokio::test]
async fn a_stopped_search_ends_with_its_trials() {
    let mut simulation = Simulation::new(2);
    simulation.fuse.off();
    let server = simulation.server(false);
    start(&server, spec(Strategy::Random, 50, 2)).await;
    driver::drain(&server).await.unwrap();
    let caller = Simulation::caller();
    let early = server.delete_tuning(&caller, "t").await;
    assert!(matches!(early, Err(Refusal::Conflict { .. })));
    server.stop_tuning(&caller, "t").await.unwrap();
    simulation.settle().await;
    let over = server.tuning(&caller, "t").await.unwrap();
    assert_eq!(over.phase, TuningPhase::Stopped);
    assert!(over.trials.len() < 50);
    assert!(server.stop_tuning(&caller, "t").await.is_err());
    server.delete_tuning(&caller, "t").await.unwrap();
}

#[test]
fn no_more_trials_run_than_allowed_and_all_are_done() {
    let mut search = tuning(spec(Strategy::Random, 5, 2));
    settle(&mut search, []);
    assert_eq!(running(&search), [1, 2]);
    settle(&mut search, [(1, done(&[0.3]))]);
    assert_eq!(running(&search), [2, 3]);
    for number in 2..=5 {
        settle(&mut search, [(number, done(&[0.1 * f64::from(number)]))]);
    }
    assert_eq!(search.phase, TuningPhase::Succeeded);
    assert_eq!(search.best().unwrap().number, 5);
    assert!(search.trials[0].name.starts_with("t-001-"));
}

#[test]
fn a_grid_ends_with_its_combinations() {
    let mut search = tuning(spec(Strategy::Grid, 100, 10));
    settle(&mut search, []);
    let values: Vec<&String> = search
        .trials
        .iter()
        .map(|trial| &trial.values["x"])
        .collect();
    assert_eq!(values, ["a", "b", "c"]);
    settle(&mut search, (1..=3).map(|number| (number, done(&[1.0]))));
    assert_eq!(search.phase, TuningPhase::Succeeded);
    assert_eq!(
        search.best().unwrap().number,
        1,
        "the earlier one of equals"
    );
}

#[test]
fn what_is_good_enough_ends_the_search() {
    let mut good = spec(Strategy::Random, 50, 2);
    good.target = Some(finite(0.9));
    let mut search = tuning(good);
    settle(&mut search, []);
    settle(&mut search, [(1, done(&[0.95]))]);
    assert_eq!(search.phase, TuningPhase::Finishing);
    settle(&mut search, [(2, seen(Standing::Stopped, &[]))]);
    assert_eq!(search.phase, TuningPhase::Succeeded);

    let mut patient = spec(Strategy::Random, 50, 1);
    patient.not_improving = Some(3);
    let mut search = tuning(patient);
    for (number, value) in (1..).zip([0.5, 0.4, 0.6, 0.1, 0.2, 0.3]) {
        settle(&mut search, []);
        assert_eq!(running(&search), [number]);
        settle(&mut search, [(number, done(&[value]))]);
    }
    assert_eq!(search.phase, TuningPhase::Succeeded);

    let mut short = spec(Strategy::Random, 50, 1);
    short.longest = Some(Span::milliseconds(500));
    let mut search = tuning(short);
    settle(&mut search, []);
    assert_eq!(
        search.phase,
        TuningPhase::Failed,
        "there was no time at all"
    );
}

#[test]
fn a_search_of_failures_gives_up() {
    let mut search = tuning(spec(Strategy::Random, 50, 1));
    for number in 1..=5 {
        settle(&mut search, []);
        settle(&mut search, [(number, failed())]);
    }
    assert_eq!(search.phase, TuningPhase::Failed);
    assert!(search.failure.unwrap().contains("it broke"));
}

#[test]
fn a_trial_that_falls_behind_is_stopped() {
    let mut eager = spec(Strategy::Random, 10, 1);
    eager.stop_early = true;
    let mut search = tuning(eager);
    for number in 1..=3 {
        settle(&mut search, []);
        settle(&mut search, [(number, done(&[0.5, 0.7, 0.9]))]);
    }
    settle(&mut search, []);
    settle(&mut search, [(4, seen(Standing::Running, &[0.5, 0.3]))]);
    let state = &search.trials[3].state;
    assert!(
        matches!(state, TrialState::Running { stopping: true, .. }),
        "{state:?}"
    );
    settle(&mut search, [(4, seen(Standing::Stopped, &[0.5, 0.3]))]);
    assert_eq!(search.trials[3].ending(), Some(&TrialEnding::StoppedEarly));
    assert_ne!(search.best().map(|trial| trial.number), Some(4));
}

#[test]
fn hyperband_lets_the_better_third_go_on() {
    let strategy = Strategy::Hyperband {
        min_resource: 1,
        max_resource: 9,
    };
    let mut search = tuning(spec(strategy, 9, 9));
    settle(&mut search, []);
    let reports: BTreeMap<u32, SeenTrial> = (1..=9)
        .map(|number| (number, seen(Standing::Running, &[f64::from(number) / 10.0])))
        .collect();
    settle(&mut search, reports.clone());
    settle(&mut search, reports);
    let goes_on = |trial: &&Trial| {
        matches!(
            trial.state,
            TrialState::Running {
                stopping: false,
                ..
            }
        )
    };
    let left: Vec<u32> = search
        .trials
        .iter()
        .filter(goes_on)
        .map(|trial| trial.number)
        .collect();
    assert_eq!(left, [7, 8, 9]);
}

#[test]
fn earlier_searches_are_known() {
    let mut warm = spec(Strategy::Bayesian, 10, 1);
    warm.prior = (0..=10)
        .map(|n| SeenPoint {
            values: BTreeMap::from([("x".to_owned(), (f64::from(n) / 10.0).to_string())]),
            objective: finite(-(f64::from(n) / 10.0 - 0.63).powi(2)),
        })
        .collect();
    let search = tuning(warm);
    let proposed = search::propose(&search.spec, 1, &decide::history(&search)).unwrap();
    let x: f64 = proposed["x"].parse().unwrap();
    assert!((0.5..0.75).contains(&x), "{x}");
}
