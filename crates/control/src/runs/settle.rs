//! What becomes of a run's steps, given the jobs they started: a pure function.
//!
//! It reads off which running steps are over, expands loops, evaluates conditions and skips what
//! can no longer be done, until nothing more follows; then it names the steps that can be begun.

use super::scope::Evaluator;
use domain::job::{Failure, FailureKind, Job, Outcome};
use domain::pipeline::{Order, Run, RunPhase, StepAction, StepResult, StepSpec, StepState};
use domain::{JobId, Name, StepPath, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most items of one loop.
pub const MOST_ITEMS: usize = 10_000;

/// What settling found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// Steps that can be begun now, in the order of the pipeline.
    pub ready: Vec<StepPath>,
    /// Results to remember: cache key, result, job.
    pub remember: Vec<(String, StepResult, JobId)>,
    /// Jobs of a run that is stopping.
    pub stop: Vec<JobId>,
}

/// Settles `run`. `jobs` has the jobs of its running steps.
pub fn settle(run: &mut Run, jobs: &BTreeMap<JobId, Job>, now: Timestamp) -> Settled {
    let mut settled = Settled::default();
    if run.phase.is_over() {
        return settled;
    }
    finish_jobs(run, jobs, &mut settled);
    if run.phase == RunPhase::Stopping {
        stop(run, &mut settled);
    } else {
        let order = Order::of(&run.spec);
        while expand(run, &order, now) | skip(run, &order) | choose(run, &order, now) {}
        settled.ready = ready(run, &order);
    }
    conclude(run, now);
    settled
}

fn finish_jobs(run: &mut Run, jobs: &BTreeMap<JobId, Job>, settled: &mut Settled) {
    for state in run.steps.values_mut() {
        let StepState::Running {
            job: Some(id),
            since,
            cache_key,
            ..
        } = state
        else {
            continue;
        };
        let Some(job) = jobs.get(id) else { continue };
        let Some(outcome) = job.phase.outcome() else {
            continue;
        };
        let ended = job
            .attempts
            .last()
            .map_or(*since, |attempt| attempt.exit.ended);
        *state = match outcome {
            Outcome::Stopped => StepState::Stopped {
                job: Some(id.clone()),
            },
            Outcome::Failed { failure } => StepState::Failed {
                failure: failure.clone(),
                job: Some(id.clone()),
                ended,
            },
            Outcome::Succeeded { artifacts } => {
                let result = StepResult {
                    model: artifacts.model.clone(),
                    outputs: artifacts.outputs.clone(),
                    metrics: job.metrics.clone(),
                    hashes: artifacts.hashes.clone(),
                    values: BTreeMap::new(),
                };
                if let Some(key) = cache_key.take() {
                    settled.remember.push((key, result.clone(), id.clone()));
                }
                let (job, started) = (Some(id.clone()), *since);
                StepState::Succeeded {
                    result,
                    job,
                    cached: false,
                    started,
                    ended,
                }
            }
        };
    }
}

fn stop(run: &mut Run, settled: &mut Settled) {
    for state in run.steps.values_mut() {
        match state {
            StepState::Running { job: Some(id), .. } => settled.stop.push(id.clone()),
            StepState::Waiting | StepState::Running { job: None, .. } => {
                *state = StepState::Stopped { job: None };
            }
            _ => {}
        }
    }
}

/// How a step as a whole stands, all items of a loop taken together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Succeeded,
    NotDone,
}

fn standing(run: &Run, step: &StepSpec) -> Standing {
    let of = |state: Option<&StepState>| match state {
        None | Some(StepState::Waiting | StepState::Running { .. }) => Standing::Open,
        Some(StepState::Succeeded { .. }) => Standing::Succeeded,
        Some(_) => Standing::NotDone,
    };
    let bare = StepPath::step(step.name.clone());
    match run.items.get(&step.name) {
        None => of(run.steps.get(&bare)),
        Some(items) => {
            let paths = (0..items.len() as u32).map(|i| StepPath::item(step.name.clone(), i));
            let all: Vec<Standing> = paths.map(|path| of(run.steps.get(&path))).collect();
            if all.contains(&Standing::Open) {
                Standing::Open
            } else if all.contains(&Standing::NotDone) {
                Standing::NotDone
            } else {
                Standing::Succeeded
            }
        }
    }
}

/// Whether all predecessors succeeded; `Err` with the reason when one never will.
fn admitted(run: &Run, order: &Order, position: usize) -> Result<bool, String> {
    let step = &run.spec.steps[position];
    let mut open = false;
    for before in order.before(position) {
        let before = &run.spec.steps[*before];
        let name = &before.name;
        match standing(run, before) {
            Standing::Open => open = true,
            Standing::NotDone => return Err(format!("`{name}` did not succeed")),
            Standing::Succeeded => {
                if let StepAction::Condition {
                    then, otherwise, ..
                } = &before.action
                {
                    let value = condition_value(run, name);
                    let unchosen = if value { otherwise } else { then };
                    if unchosen.contains(&step.name) {
                        return Err(format!("`{name}` was {value}"));
                    }
                }
            }
        }
    }
    Ok(!open)
}

fn condition_value(run: &Run, name: &Name) -> bool {
    match run.steps.get(&StepPath::step(name.clone())) {
        Some(StepState::Succeeded { result, .. }) => {
            result.values.get("value") == Some(&Value::Bool(true))
        }
        _ => false,
    }
}

fn is_waiting(run: &Run, step: &StepSpec) -> bool {
    let bare = StepPath::step(step.name.clone());
    run.steps.get(&bare) == Some(&StepState::Waiting)
}

/// A step that failed before, or without, a job.
pub(super) fn failed(kind: FailureKind, message: String, ended: Timestamp) -> StepState {
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

/// Steps that wait, by their positions, of which `which` holds.
fn waiting(run: &Run, which: impl Fn(&StepSpec) -> bool) -> Vec<usize> {
    let steps = run.spec.steps.iter().enumerate();
    steps
        .filter(|(_, step)| which(step) && is_waiting(run, step))
        .map(|(position, _)| position)
        .collect()
}

/// Gives loops that can begin their items.
fn expand(run: &mut Run, order: &Order, now: Timestamp) -> bool {
    let mut moved = false;
    for position in waiting(run, |step| step.for_each.is_some()) {
        let step = &run.spec.steps[position];
        let Some(for_each) = &step.for_each else {
            continue;
        };
        if admitted(run, order, position) != Ok(true) {
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
fn skip(run: &mut Run, order: &Order) -> bool {
    let mut moved = false;
    for position in waiting(run, |_| true) {
        if let Err(reason) = admitted(run, order, position) {
            let path = StepPath::step(run.spec.steps[position].name.clone());
            run.steps.insert(path, StepState::Skipped { reason });
            moved = true;
        }
    }
    moved
}

/// Evaluates conditions and failures, which take no time.
fn choose(run: &mut Run, order: &Order, now: Timestamp) -> bool {
    let mut moved = false;
    let timeless = |step: &StepSpec| {
        let action = &step.action;
        matches!(
            action,
            StepAction::Condition { .. } | StepAction::Fail { .. }
        )
    };
    for position in waiting(run, timeless) {
        if admitted(run, order, position) != Ok(true) {
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
        moved = true;
    }
    moved
}

/// Steps and items that can be begun, loops within their parallelism.
fn ready(run: &Run, order: &Order) -> Vec<StepPath> {
    let mut ready = Vec::new();
    for (position, step) in run.spec.steps.iter().enumerate() {
        match (&step.for_each, run.items.get(&step.name)) {
            (Some(for_each), Some(items)) => {
                let paths = (0..items.len() as u32).map(|i| StepPath::item(step.name.clone(), i));
                let paths: Vec<StepPath> = paths.collect();
                let running = |path: &&StepPath| {
                    matches!(run.steps.get(path), Some(StepState::Running { .. }))
                };
                let running = paths.iter().filter(running).count();
                let free = match for_each.parallelism {
                    0 => usize::MAX,
                    limit => (limit as usize).saturating_sub(running),
                };
                let waiting = paths
                    .into_iter()
                    .filter(|p| run.steps.get(p) == Some(&StepState::Waiting));
                ready.extend(waiting.take(free));
            }
            (None, _) if is_waiting(run, step) && admitted(run, order, position) == Ok(true) => {
                ready.push(StepPath::step(step.name.clone()));
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
