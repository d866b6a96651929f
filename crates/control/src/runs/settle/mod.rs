//! What becomes of a run's steps, given the jobs they started: a pure function.
//!
//! It reads off which running steps are over, expands loops, evaluates conditions and skips what
//! can no longer be done, until nothing more follows; then it names the steps that can be begun.

mod jobs;
mod standing;
mod timeless;

use domain::job::{Failure, FailureKind, Job};
use domain::pipeline::{Order, Run, RunPhase, StepResult, StepState};
use domain::{JobId, StepPath, Timestamp};
use jobs::{finish_jobs, stop};
use standing::{Standings, items};
use std::collections::BTreeMap;
use timeless::{choose, expand, skip};

pub use timeless::MOST_ITEMS;

/// What settling found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Steps that can be begun now, in the order of the pipeline.
    pub ready: Vec<Ready>,
    /// Results to remember: cache key, result, job.
    pub remember: Vec<(String, StepResult, JobId)>,
    /// Jobs of a run that is stopping.
    pub stop: Vec<JobId>,
}

/// A step, or an item of a loop, that can be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Which one.
    pub path: StepPath,
    /// The place of the step in the pipeline.
    pub position: usize,
}

/// Settles `run`. `order` is that of its pipeline, `jobs` has the jobs of its
/// running steps.
pub fn settle(
    run: &mut Run,
    order: &Order,
    jobs: &BTreeMap<JobId, Job>,
    now: Timestamp,
) -> Settled {
    let mut settled = Settled::default();
    if run.phase.is_over() {
        return settled;
    }
    finish_jobs(run, jobs, &mut settled);
    if run.phase == RunPhase::Stopping {
        stop(run, &mut settled);
    } else {
        let mut steps = Standings::of(run, order);
        while expand(run, &mut steps, now) | skip(run, &mut steps) | choose(run, &mut steps, now) {}
        settled.ready = ready(run, &steps);
    }
    conclude(run, now);
    settled
}

/// A step that failed before, or without, a job.
pub(in crate::runs) fn failed(kind: FailureKind, message: String, ended: Timestamp) -> StepState {
    let failure = Failure {
        kind,
        message,
        file: None,
        line: None,
        exit_code: None,
    };
    StepState::Failed {
        failure,
        job: None,
        ended,
    }
}

/// Steps and items that can be begun, loops within their parallelism.
fn ready(run: &Run, steps: &Standings<'_>) -> Vec<Ready> {
    let mut ready = Vec::new();
    for (position, step) in run.spec.steps.iter().enumerate() {
        match &step.for_each {
            Some(for_each) if run.items.contains_key(&step.name) => {
                let is_running = |state: &StepState| matches!(state, StepState::Running { .. });
                let free = match for_each.parallelism {
                    0 => usize::MAX,
                    limit => {
                        let running = items(run, &step.name).filter(|(_, it)| is_running(it));
                        (limit as usize).saturating_sub(running.count())
                    }
                };
                let waiting = items(run, &step.name)
                    .filter(|(_, state)| **state == StepState::Waiting)
                    .take(free);
                ready.extend(waiting.map(|(path, _)| Ready {
                    path: path.clone(),
                    position,
                }));
            }
            None if steps.is_waiting(position) && steps.admitted(run, position) == Ok(true) => {
                let path = StepPath::step(step.name.clone());
                ready.push(Ready { path, position });
            }
            _ => {}
        }
    }
    ready
}

/// Ends the run once all of its steps are over.
fn conclude(run: &mut Run, now: Timestamp) {
    if !run.steps.values().all(StepState::is_over) {
        return;
    }
    let any = |wanted: fn(&StepState) -> bool| run.steps.values().any(wanted);
    run.phase = if any(|state| matches!(state, StepState::Failed { .. })) {
        RunPhase::Failed
    } else if run.phase == RunPhase::Stopping || any(|s| matches!(s, StepState::Stopped { .. })) {
        RunPhase::Stopped
    } else {
        RunPhase::Succeeded
    };
    run.ended = Some(now);
}
