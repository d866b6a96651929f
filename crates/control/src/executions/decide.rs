//! What follows for an execution from what is seen of its steps; pure.

use contracts::activities::{Resolved, Standing};
use domain::execution::{
    Execution, ExecutionPhase, FailureClass, GraphStep, Origin, RetryRule, StepEnding, StepState,
    Work,
};
use domain::{Refusal, Span, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest pause between two tries.
const LONGEST_PAUSE: Span = Span::hours(1);

/// How long what cannot be made right now is asked for again under the same name.
const PATIENCE: Span = Span::minutes(15);

/// Takes in how the running steps stand, then everything that follows without asking anybody;
/// returns the steps that may begin.
pub fn settle(
    execution: &mut Execution,
    seen: &BTreeMap<String, Standing>,
    now: Timestamp,
) -> Vec<String> {
    for (name, standing) in seen {
        take_in(execution, name, standing, now);
    }
    skip(execution);
    finish(execution, now);
    ready(execution, now)
}

fn take_in(execution: &mut Execution, name: &str, standing: &Standing, now: Timestamp) {
    let Some(StepState::Running { since, tries, work }) = execution.states.get(name).cloned()
    else {
        return;
    };
    let ending = match standing {
        Standing::Running => return,
        Standing::Succeeded { result } => StepEnding::Succeeded {
            result: result.clone(),
            origin: Origin::Own,
        },
        Standing::Stopped if execution.phase == ExecutionPhase::Stopping => StepEnding::Stopped,
        Standing::Stopped => StepEnding::Failed {
            reason: "it was stopped".to_owned(),
        },
        Standing::Failed { reason, class } => {
            fail(
                execution,
                name,
                (since, tries, Some(work)),
                reason,
                *class,
                now,
            );
            return;
        }
    };
    let over = StepState::Over {
        since,
        at: now,
        tries: tries + 1,
        work: Some(work),
        ending,
    };
    execution.states.insert(name.to_owned(), over);
}

/// Tries a step again, or ends it.
fn fail(
    execution: &mut Execution,
    name: &str,
    (since, tries, work): (Timestamp, u32, Option<Work>),
    reason: &str,
    class: FailureClass,
    now: Timestamp,
) {
    let rules = execution.step(name).map_or(&[][..], |step| &step.retries);
    let again = match execution.phase {
        ExecutionPhase::Running => pause(rules, class, tries + 1, now.since(since)),
        _ => None,
    };
    let next = match again {
        Some(pause) => StepState::Waiting {
            tries: tries + 1,
            not_before: Some(now + pause),
            since: Some(since),
        },
        None => StepState::Over {
            since,
            at: now,
            tries: tries + 1,
            work,
            ending: StepEnding::Failed {
                reason: reason.to_owned(),
            },
        },
    };
    execution.states.insert(name.to_owned(), next);
}

/// The pause before another try, when a rule allows one after `tries`.
pub fn pause(rules: &[RetryRule], class: FailureClass, tries: u32, passed: Span) -> Option<Span> {
    let rule = rules.iter().find(|rule| rule.classes.contains(&class))?;
    if rule.attempts.is_some_and(|most| tries >= most) {
        return None;
    }
    let mut pause = i128::from(rule.interval.0.max(0));
    for _ in 1..tries {
        pause = (pause * i128::from(rule.growth) / 1_000).min(i128::from(LONGEST_PAUSE.0));
    }
    let pause = Span(i64::try_from(pause).unwrap_or(LONGEST_PAUSE.0)).min(LONGEST_PAUSE);
    let expired = rule
        .expires
        .is_some_and(|most| passed.0.saturating_add(pause.0) > most.0);
    (!expired).then_some(pause)
}

/// The class of a refusal.
pub fn class_of(refusal: &Refusal) -> FailureClass {
    match refusal {
        Refusal::Throttled { .. } => FailureClass::Throttled,
        Refusal::QuotaSpent { .. } => FailureClass::Quota,
        Refusal::Unplaceable { .. } => FailureClass::Capacity,
        Refusal::Unavailable { .. } | Refusal::Internal { .. } | Refusal::Conflict { .. } => {
            FailureClass::Service
        }
        _ => FailureClass::Own,
    }
}

/// Steps of branches that are not taken, and what needs them, are skipped.
fn skip(execution: &mut Execution) {
    loop {
        let out: Vec<String> = execution
            .steps
            .iter()
            .filter(|step| matches!(execution.states[&step.name], StepState::Waiting { .. }))
            .filter(|step| is_out(execution, step))
            .map(|step| step.name.clone())
            .collect();
        if out.is_empty() {
            return;
        }
        for name in out {
            execution.states.insert(name, StepState::Skipped);
        }
    }
}

fn is_out(execution: &Execution, step: &GraphStep) -> bool {
    let skipped = |name: &String| matches!(execution.states.get(name), Some(StepState::Skipped));
    let unchosen = step.branch.as_ref().is_some_and(|branch| {
        let state = execution.states.get(&branch.condition);
        skipped(&branch.condition)
            || state
                .and_then(StepState::choice)
                .is_some_and(|holds| holds != branch.when)
    });
    unchosen || step.needs.iter().any(skipped)
}

fn finish(execution: &mut Execution, now: Timestamp) {
    if execution.phase.is_over() {
        return;
    }
    let failed = execution
        .steps
        .iter()
        .find_map(|step| match execution.states.get(&step.name) {
            Some(StepState::Over {
                ending: StepEnding::Failed { reason },
                ..
            }) => Some((step.name.clone(), reason.clone())),
            _ => None,
        });
    let states = || execution.states.values();
    if states().any(|state| matches!(state, StepState::Running { .. })) {
        return;
    }
    let waits = states().any(|state| matches!(state, StepState::Waiting { .. }));
    let phase = match (execution.phase, &failed) {
        (ExecutionPhase::Stopping, _) => ExecutionPhase::Stopped,
        (_, Some(_)) => ExecutionPhase::Failed,
        (_, None) if waits => return,
        (_, None) => ExecutionPhase::Succeeded,
    };
    execution.phase = phase;
    execution.modified = now;
    if let (ExecutionPhase::Failed, Some((step, reason))) = (phase, failed) {
        execution.failure = Some(format!("step `{step}` failed: {reason}"));
    }
}

fn ready(execution: &Execution, now: Timestamp) -> Vec<String> {
    let failed = execution.states.values().any(|state| {
        matches!(
            state,
            StepState::Over {
                ending: StepEnding::Failed { .. },
                ..
            }
        )
    });
    if execution.phase != ExecutionPhase::Running || failed {
        return Vec::new();
    }
    let running = execution
        .states
        .values()
        .filter(|state| matches!(state, StepState::Running { .. }))
        .count();
    let most = match execution.parallelism {
        0 => usize::MAX,
        most => most as usize,
    };
    let succeeded = |name: &String| {
        execution
            .states
            .get(name)
            .is_some_and(|state| state.result().is_some())
    };
    execution
        .steps
        .iter()
        .filter(|step| match &execution.states[&step.name] {
            StepState::Waiting { not_before, .. } => not_before.is_none_or(|at| at <= now),
            _ => false,
        })
        .filter(|step| step.needs.iter().all(succeeded))
        .filter(|step| {
            step.branch
                .as_ref()
                .is_none_or(|branch| succeeded(&branch.condition))
        })
        .take(most.saturating_sub(running))
        .map(|step| step.name.clone())
        .collect()
}

/// What begins with a step: its work or its end.
pub fn begin(
    execution: &mut Execution,
    name: &str,
    resolved: Result<Resolved, Refusal>,
    with: Beginning,
) {
    let Some(StepState::Waiting { tries, since, .. }) = execution.states.get(name) else {
        return;
    };
    let (tries, since, now) = (*tries, since.unwrap_or(with.now), with.now);
    let over = |work, ending| StepState::Over {
        since,
        at: now,
        tries: tries + 1,
        work,
        ending,
    };
    let next = match resolved {
        Err(refusal) => {
            let reason = refusal.to_string();
            let class = class_of(&refusal);
            fail(execution, name, (since, tries, None), &reason, class, now);
            return;
        }
        Ok(Resolved::Choice { holds }) => over(
            Some(Work::Choice { holds }),
            StepEnding::Succeeded {
                result: Value::Bool(holds),
                origin: Origin::Own,
            },
        ),
        Ok(Resolved::Fail { message }) => {
            over(Some(Work::Fail), StepEnding::Failed { reason: message })
        }
        Ok(Resolved::Answer { detail }) => StepState::Running {
            since,
            tries,
            work: Work::Answer {
                token: with.token,
                detail,
            },
        },
        Ok(Resolved::Activity {
            kind,
            name: activity_name,
            request,
            ..
        }) => {
            let work = Work::Activity {
                activity: kind,
                name: activity_name,
                request,
                handle: None,
                cache_key: with.cache_key,
            };
            match with.cached {
                None => StepState::Running { since, tries, work },
                Some((result, execution)) => over(
                    Some(work),
                    StepEnding::Succeeded {
                        result,
                        origin: Origin::Cached { execution },
                    },
                ),
            }
        }
    };
    execution.states.insert(name.to_owned(), next);
}

/// What a beginning needs besides what the step comes to.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Now.
    pub now: Timestamp,
    /// A fresh token, for an answer.
    pub token: String,
    /// Under which the result is remembered.
    pub cache_key: Option<String>,
    /// An equal step's result, and whose it was.
    pub cached: Option<(Value, String)>,
}

/// Takes in that an activity was refused when it was to be made. What may have been made all the
/// same keeps its name and is asked for again, until [`PATIENCE`] is over.
pub fn refused(execution: &mut Execution, name: &str, refusal: &Refusal, now: Timestamp) {
    let Some(StepState::Running { since, tries, work }) = execution.states.get(name).cloned()
    else {
        return;
    };
    let (reason, class) = (refusal.to_string(), class_of(refusal));
    if class == FailureClass::Service && now.since(since) < PATIENCE {
        return;
    }
    let tried = (since, tries, Some(work));
    fail(execution, name, tried, &reason, class, now);
}

/// Takes in that an execution that is being stopped never came to make an activity.
pub fn unmade(execution: &mut Execution, name: &str, now: Timestamp) {
    take_in(execution, name, &Standing::Stopped, now);
}
