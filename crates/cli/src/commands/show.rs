//! How steps and failures look to people.

use crate::output::{number, took};
use domain::job::Failure;
use domain::pipeline::{Run, StepState};
use domain::{Name, StepPath, Timestamp};
use std::collections::HashMap;

/// A failure with the line of the user's code, when it is known.
pub(super) fn failure_text(failure: &Failure) -> String {
    match (&failure.file, failure.line) {
        (Some(file), Some(line)) if !failure.message.contains(file.as_str()) => {
            format!("{} (at {file}:{line})", failure.message)
        }
        _ => failure.message.clone(),
    }
}

/// One line about a step.
pub(super) fn step_text(path: &StepPath, state: &StepState) -> String {
    let facts = match state {
        StepState::Succeeded {
            result,
            started,
            ended,
            cached,
            ..
        } => {
            let mut facts = Vec::new();
            if !cached && *started != *ended {
                facts.push(took(*started, *ended));
            }
            let metrics = result.metrics.iter();
            facts.extend(metrics.map(|(name, value)| format!("{name} {}", number(value.get()))));
            for name in ["version", "value", "endpoint"] {
                if let Some(value) = result.values.get(name) {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    facts.push(text);
                }
            }
            facts.join(", ")
        }
        StepState::Failed { failure, .. } => failure_text(failure),
        StepState::Skipped { reason } => reason.clone(),
        _ => String::new(),
    };
    format!("{:<24} {:<10} {facts}", path.to_string(), state.word())
        .trim_end()
        .to_owned()
}

/// The steps of a run with their items, in the order of the file.
pub(super) fn in_order(run: &Run) -> Vec<(&StepPath, &StepState)> {
    let places = run.spec.steps.iter().enumerate();
    let places: HashMap<&Name, usize> = places.map(|(at, step)| (&step.name, at)).collect();
    let mut steps: Vec<(&StepPath, &StepState)> = run.steps.iter().collect();
    steps.sort_by_cached_key(|(path, _)| (places.get(&path.step).copied(), path.item));
    steps
}

/// How long a run took or has taken.
pub(super) fn run_time(run: &Run, now: Timestamp) -> String {
    took(run.created, run.ended.unwrap_or(now))
}
