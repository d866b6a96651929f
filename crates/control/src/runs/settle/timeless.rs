//! What takes no time: loops get their items, conditions and failures are evaluated, steps are skipped.

use super::failed;
use super::standing::Standings;
use crate::runs::scope::Evaluator;
use domain::job::FailureKind;
use domain::pipeline::{Run, StepAction, StepResult, StepSpec, StepState};
use domain::{Name, StepPath, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most items of one loop.
pub const MOST_ITEMS: usize = 10_000;

/// Gives loops that can begin their items.
pub(super) fn expand(run: &mut Run, steps: &mut Standings<'_>, now: Timestamp) -> bool {
    let mut moved = false;
    for position in steps.waiting(run, |step| step.for_each.is_some()) {
        let step = &run.spec.steps[position];
        let Some(for_each) = &step.for_each else {
            continue;
        };
        if steps.admitted(run, position) != Ok(true) {
            continue;
        }
        moved = true;
        let name = step.name.clone();
        let bare = StepPath::step(name.clone());
        match items(run, &name, &for_each.items) {
            Err(message) => {
                run.steps
                    .insert(bare, failed(FailureKind::Input, message, now));
            }
            Ok(items) => {
                run.steps.remove(&bare);
                for index in 0..items.len() as u32 {
                    let path = StepPath::item(name.clone(), index);
                    run.steps.insert(path, StepState::Waiting);
                }
                run.items.insert(name, items);
            }
        }
        steps.changed(run, position);
    }
    moved
}

fn items(run: &Run, step: &Name, items: &Value) -> Result<Vec<Value>, String> {
    match Evaluator::of_loop(run, step).value(items)? {
        Value::Array(items) if items.len() <= MOST_ITEMS => Ok(items),
        Value::Array(items) => Err(format!(
            "the loop has {} items; at most {MOST_ITEMS} are allowed",
            items.len()
        )),
        other => Err(format!(
            "the items of the loop are `{other}`, which is not a list"
        )),
    }
}

/// Skips steps that can no longer be done.
pub(super) fn skip(run: &mut Run, steps: &mut Standings<'_>) -> bool {
    let mut moved = false;
    for position in steps.waiting(run, |_| true) {
        if let Err(reason) = steps.admitted(run, position) {
            let path = StepPath::step(run.spec.steps[position].name.clone());
            run.steps.insert(path, StepState::Skipped { reason });
            steps.changed(run, position);
            moved = true;
        }
    }
    moved
}

/// Evaluates conditions and failures, which take no time.
pub(super) fn choose(run: &mut Run, steps: &mut Standings<'_>, now: Timestamp) -> bool {
    let mut moved = false;
    let timeless = |step: &StepSpec| {
        let action = &step.action;
        matches!(
            action,
            StepAction::Condition { .. } | StepAction::Fail { .. }
        )
    };
    for position in steps.waiting(run, timeless) {
        if steps.admitted(run, position) != Ok(true) {
            continue;
        }
        let step = &run.spec.steps[position];
        let path = StepPath::step(step.name.clone());
        let evaluator = Evaluator::new(run, &path);
        let state = match &step.action {
            StepAction::Condition { test, .. } => match evaluator.holds(test) {
                Err(message) => failed(FailureKind::Input, message, now),
                Ok(value) => {
                    let values = BTreeMap::from([("value".to_owned(), Value::Bool(value))]);
                    let result = StepResult {
                        values,
                        ..StepResult::default()
                    };
                    let (started, ended) = (now, now);
                    StepState::Succeeded {
                        result,
                        job: None,
                        cached: false,
                        started,
                        ended,
                    }
                }
            },
            StepAction::Fail { message } => {
                let message = evaluator.text(message).unwrap_or_else(|why| why);
                failed(FailureKind::UserCode, message, now)
            }
            _ => continue,
        };
        run.steps.insert(path, state);
        steps.changed(run, position);
        moved = true;
    }
    moved
}
