//! Executions under crashes, and what is decided about them.

use crate::simulation::Simulation;
use control::executions::{NewExecution, decide};
use control::{Control, driver};
use domain::execution::{
    Branch, Execution, ExecutionPhase, FailureClass, GraphStep, Origin, RetryRule, StepEnding,
    StepState,
};
use domain::{Refusal, Span, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn step(name: &str, needs: &[&str], body: Value) -> GraphStep {
    GraphStep {
        name: name.to_owned(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        branch: None,
        body,
        retries: vec![RetryRule {
            classes: vec![FailureClass::Service, FailureClass::Internal],
            interval: Span::seconds(1),
            growth: 2_000,
            attempts: Some(40),
            expires: None,
        }],
        cache: None,
    }
}

fn in_branch(mut step: GraphStep, condition: &str, when: bool) -> GraphStep {
    step.branch = Some(Branch {
        condition: condition.to_owned(),
        when,
    });
    step
}

fn diamond() -> Vec<GraphStep> {
    let work = || json!({"kind": "work"});
    vec![
        step("a", &[], work()),
        step("b", &["a"], work()),
        step("c", &["a"], work()),
        step(
            "choose",
            &["b", "c"],
            json!({"kind": "choice", "holds": true}),
        ),
        in_branch(step("yes", &[], work()), "choose", true),
        in_branch(step("no", &[], json!({"kind": "fail"})), "choose", false),
        step("after-no", &["no"], work()),
    ]
}

fn new(id: &str, steps: Vec<GraphStep>, parallelism: u32) -> NewExecution {
    NewExecution {
        dialect: "simulated".to_owned(),
        graph: "g".to_owned(),
        actor: json!({"execution": id}),
        document: json!({}),
        steps,
        parallelism,
        states: BTreeMap::new(),
    }
}

async fn start(server: &Control, id: &str, steps: Vec<GraphStep>, parallelism: u32) -> Execution {
    let new = new(id, steps, parallelism);
    let caller = Simulation::caller();
    server.start_execution(&caller, id, &new).await.unwrap()
}

async fn look(server: &Control, id: &str) -> Execution {
    server.execution(&Simulation::caller(), id).await.unwrap()
}

#[tokio::test]
async fn a_graph_is_done_whatever_dies_in_between() {
    for seed in 0..120 {
        let mut simulation = Simulation::new(seed);
        let calm = simulation.server(false);
        start(&calm, "e", diamond(), 0).await;
        for _ in 0..30 {
            simulation.step().await;
        }
        simulation.settle().await;
        let done = look(&calm, "e").await;
        assert_eq!(
            done.phase,
            ExecutionPhase::Succeeded,
            "seed {seed}: {done:#?}"
        );
        assert_eq!(done.states["no"], StepState::Skipped);
        assert_eq!(done.states["after-no"], StepState::Skipped);
        let made = simulation.dialect.made();
        assert_eq!(made, ["e.a.0", "e.b.0", "e.c.0", "e.yes.0"], "seed {seed}");
    }
}

#[tokio::test]
async fn a_step_is_tried_again_as_often_as_its_rule_says() {
    let mut simulation = Simulation::new(3);
    simulation.fuse.off();
    let server = simulation.server(false);
    let mut broken = step("broken", &[], json!({"kind": "broken"}));
    broken.retries[0].attempts = Some(3);
    start(
        &server,
        "e",
        vec![broken, step("never", &["broken"], json!({"kind": "work"}))],
        0,
    )
    .await;
    simulation.settle().await;
    let done = look(&server, "e").await;
    assert_eq!(done.phase, ExecutionPhase::Failed);
    assert_eq!(
        simulation.dialect.made(),
        ["e.broken.0", "e.broken.1", "e.broken.2"]
    );
    assert_eq!(
        done.failure.as_deref(),
        Some("step `broken` failed: it broke")
    );
    assert!(matches!(done.states["never"], StepState::Waiting { .. }));

    let again = server
        .retry_execution(&Simulation::caller(), "e")
        .await
        .unwrap();
    assert_eq!(again.phase, ExecutionPhase::Running);
    simulation.settle().await;
    let made = simulation.dialect.made();
    assert!(made.contains(&"e.broken.3".to_owned()), "{made:?}");
}

#[tokio::test]
async fn a_stop_ends_what_runs_and_begins_nothing() {
    let mut simulation = Simulation::new(4);
    simulation.fuse.off();
    let server = simulation.server(false);
    start(&server, "e", diamond(), 0).await;
    driver::drain(&server).await.unwrap();
    server
        .stop_execution(&Simulation::caller(), "e")
        .await
        .unwrap();
    let twice = server.stop_execution(&Simulation::caller(), "e").await;
    assert!(matches!(twice, Err(Refusal::Conflict { .. })));
    simulation.settle().await;
    let done = look(&server, "e").await;
    assert_eq!(done.phase, ExecutionPhase::Stopped);
    assert!(matches!(done.states["b"], StepState::Waiting { .. }));
}

#[tokio::test]
async fn a_step_waits_for_its_answer() {
    let mut simulation = Simulation::new(5);
    simulation.fuse.off();
    let server = simulation.server(false);
    let steps = vec![
        step("ask", &[], json!({"kind": "answer"})),
        step("then", &["ask"], json!({"kind": "work"})),
    ];
    start(&server, "e", steps, 0).await;
    driver::drain(&server).await.unwrap();
    let asked = look(&server, "e").await;
    let token = asked.states["ask"].token().unwrap().to_owned();
    assert_eq!(token.len(), 10);
    let caller = Simulation::caller();
    let wrong = server
        .answer_step(&caller, "zzzzzzzzzz", Ok(json!({})))
        .await;
    assert!(matches!(wrong, Err(Refusal::NotFound { .. })));
    server
        .answer_step(&caller, &token, Ok(json!({"y": 1})))
        .await
        .unwrap();
    let again = server.answer_step(&caller, &token, Ok(json!({}))).await;
    assert!(
        matches!(again, Err(Refusal::NotFound { .. })),
        "an answer is given once"
    );
    simulation.settle().await;
    let done = look(&server, "e").await;
    assert_eq!(done.phase, ExecutionPhase::Succeeded);
    assert_eq!(done.states["ask"].result(), Some(&json!({"y": 1})));
}

#[tokio::test]
async fn an_equal_step_is_taken_from_before_while_it_is_young() {
    let mut simulation = Simulation::new(6);
    simulation.fuse.off();
    let server = simulation.server(false);
    let steps = |x: u32, age: Span| {
        let mut step = step("a", &[], json!({"kind": "work", "x": x}));
        step.cache = Some(age);
        vec![step]
    };
    for (id, x, age) in [
        ("one", 1, Span::hours(100)),
        ("two", 1, Span::hours(100)),
        ("other", 2, Span::hours(100)),
        ("old", 1, Span::milliseconds(1)),
    ] {
        start(&server, id, steps(x, age), 0).await;
        simulation.settle().await;
    }
    assert_eq!(
        simulation.dialect.made(),
        ["old.a.0", "one.a.0", "other.a.0"]
    );
    let two = look(&server, "two").await;
    let StepState::Over { ending, .. } = &two.states["a"] else {
        panic!("{two:?}");
    };
    let origin = Origin::Cached {
        execution: "one".to_owned(),
    };
    let result = json!({"name": "one.a.0"});
    assert_eq!(*ending, StepEnding::Succeeded { result, origin });
}

#[tokio::test]
async fn graphs_that_cannot_be_done_are_refused() {
    let simulation = &mut Simulation::new(7);
    let server = simulation.server(false);
    let work = || json!({"kind": "work"});
    for steps in [
        vec![],
        vec![step("a", &["b"], work())],
        vec![step("a", &[], work()), step("a", &[], work())],
        vec![step("a", &["b"], work()), step("b", &["a"], work())],
    ] {
        let new = new("e", steps, 0);
        let refused = server
            .start_execution(&Simulation::caller(), "e", &new)
            .await;
        assert!(matches!(refused, Err(Refusal::Invalid { .. })));
    }
}

#[tokio::test]
async fn no_more_steps_run_at_once_than_allowed() {
    let mut simulation = Simulation::new(8);
    simulation.fuse.off();
    let server = simulation.server(false);
    let steps = (0..5)
        .map(|n| step(&format!("s{n}"), &[], json!({"kind": "work"})))
        .collect();
    let mut execution = start(&server, "e", steps, 2).await;
    let ready = decide::settle(&mut execution, &BTreeMap::new(), Timestamp(0));
    assert_eq!(ready, ["s0", "s1"]);
    simulation.settle().await;
    assert_eq!(look(&server, "e").await.phase, ExecutionPhase::Succeeded);
}

#[test]
fn pauses_grow_and_end() {
    let rule = RetryRule {
        classes: vec![FailureClass::Throttled],
        interval: Span::seconds(2),
        growth: 3_000,
        attempts: Some(4),
        expires: Some(Span::minutes(1)),
    };
    let rules = [rule];
    let pause = |tries, passed| decide::pause(&rules, FailureClass::Throttled, tries, passed);
    assert_eq!(pause(1, Span::ZERO), Some(Span::seconds(2)));
    assert_eq!(pause(3, Span::ZERO), Some(Span::seconds(18)));
    assert_eq!(pause(4, Span::ZERO), None, "that was the last try");
    assert_eq!(pause(3, Span::seconds(50)), None, "it would be too late");
    assert_eq!(
        decide::pause(&rules, FailureClass::Own, 1, Span::ZERO),
        None
    );
}
