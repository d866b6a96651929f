//! What callers ask of executions.

use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::store::{Commit, Expect, Key};
use domain::Refusal;
use domain::execution::{Execution, ExecutionPhase, GraphStep, StepEnding, StepState, Work};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most steps of a graph.
const MOST_STEPS: usize = 1_000;

/// An execution to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewExecution {
    /// The dialect.
    pub dialect: String,
    /// What it is an execution of.
    pub graph: String,
    /// What the dialect needs to act as whoever asks.
    pub actor: Value,
    /// In the dialect's own form.
    pub document: Value,
    /// The steps.
    pub steps: Vec<GraphStep>,
    /// Steps under way at once; 0 is no limit.
    pub parallelism: u32,
    /// Steps that are not waiting at the beginning: taken over or left out.
    pub states: BTreeMap<String, StepState>,
}

impl Control {
    /// Makes an execution under an id; it begins at once. A repetition with the caller's token
    /// gets the first one.
    pub async fn start_execution(
        &self,
        caller: &Caller,
        id: &str,
        new: &NewExecution,
    ) -> Result<Execution, Refusal> {
        caller.may_edit()?;
        check(&new.steps)?;
        self.transact(caller, new, || {
            Box::pin(async {
                let now = self.world.now();
                let mut states: BTreeMap<String, StepState> = new
                    .steps
                    .iter()
                    .map(|step| (step.name.clone(), StepState::default()))
                    .collect();
                states.extend(new.states.clone());
                let execution = Execution {
                    id: id.to_owned(),
                    workspace: caller.workspace.clone(),
                    dialect: new.dialect.clone(),
                    graph: new.graph.clone(),
                    actor: new.actor.clone(),
                    document: new.document.clone(),
                    steps: new.steps.clone(),
                    parallelism: new.parallelism,
                    created: now,
                    modified: now,
                    phase: ExecutionPhase::Running,
                    failure: None,
                    states,
                };
                let key = execution.key();
                let commit = Commit {
                    expect: vec![Expect::Absent(key.clone())],
                    put: vec![execution.row(Some(now))?],
                    events: vec![event(caller, &key, "created", json!({"graph": new.graph}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: execution,
                })
            })
        })
        .await
    }

    /// Asks an execution to stop: nothing new begins, what is under way is stopped.
    pub async fn stop_execution(&self, caller: &Caller, id: &str) -> Result<Execution, Refusal> {
        self.change_execution(caller, id, "stop-requested", &|execution, now| {
            if execution.phase != ExecutionPhase::Running {
                return Err(refused(execution));
            }
            execution.phase = ExecutionPhase::Stopping;
            for state in execution.states.values_mut() {
                if let StepState::Running {
                    since,
                    tries,
                    work: work @ Work::Answer { .. },
                } = state
                {
                    *state = StepState::Over {
                        since: *since,
                        at: now,
                        tries: *tries,
                        work: Some(work.clone()),
                        ending: StepEnding::Stopped,
                    };
                }
            }
            Ok(())
        })
        .await
    }

    /// Lets an execution that failed or was stopped go on: what did not succeed is done again.
    pub async fn retry_execution(&self, caller: &Caller, id: &str) -> Result<Execution, Refusal> {
        self.change_execution(caller, id, "retried", &|execution, _| {
            let may = matches!(
                execution.phase,
                ExecutionPhase::Failed | ExecutionPhase::Stopped
            );
            if !may {
                return Err(refused(execution));
            }
            for state in execution.states.values_mut() {
                match state {
                    StepState::Over {
                        ending: StepEnding::Succeeded { .. },
                        ..
                    } => {}
                    StepState::Over { tries, .. } => {
                        *state = StepState::Waiting {
                            tries: *tries,
                            not_before: None,
                            since: None,
                        };
                    }
                    _ => {}
                }
            }
            execution.phase = ExecutionPhase::Running;
            execution.failure = None;
            Ok(())
        })
        .await
    }

    /// Replaces what the dialect keeps beside an execution.
    pub async fn set_execution_document(
        &self,
        caller: &Caller,
        id: &str,
        document: &Value,
        parallelism: Option<u32>,
    ) -> Result<Execution, Refusal> {
        self.change_execution(caller, id, "changed", &|execution, _| {
            execution.document = document.clone();
            if let Some(parallelism) = parallelism {
                execution.parallelism = parallelism;
            }
            Ok(())
        })
        .await
    }

    /// Changes an execution and wakes it.
    pub(super) async fn change_execution(
        &self,
        caller: &Caller,
        id: &str,
        action: &str,
        change: &(dyn Fn(&mut Execution, domain::Timestamp) -> Result<(), Refusal> + Send + Sync),
    ) -> Result<Execution, Refusal> {
        caller.may_edit()?;
        let key = Key::new(Execution::KIND, &caller.workspace, id);
        self.transact(caller, &(action, id), || {
            Box::pin(async {
                let (mut execution, row) = self.require::<Execution>(&key).await?;
                let now = self.world.now();
                change(&mut execution, now).map_err(Error::from)?;
                execution.modified = now;
                let due = (!execution.phase.is_over()).then_some(now);
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![execution.row(due)?],
                    events: vec![event(caller, &key, action, json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: execution,
                })
            })
        })
        .await
    }
}

fn refused(execution: &Execution) -> Refusal {
    Refusal::conflict(format!(
        "execution `{}` is {}",
        execution.id,
        execution.phase.word()
    ))
}

/// Names are unique, needs are there, and no steps wait for each other.
fn check(steps: &[GraphStep]) -> Result<(), Refusal> {
    if steps.is_empty() || steps.len() > MOST_STEPS {
        return Err(Refusal::invalid(format!(
            "a graph has 1 to {MOST_STEPS} steps"
        )));
    }
    let mut names = BTreeSet::new();
    for step in steps {
        if !names.insert(step.name.as_str()) {
            return Err(Refusal::invalid(format!(
                "step `{}` is there twice",
                step.name
            )));
        }
    }
    let before = |step: &GraphStep| -> Vec<String> {
        let condition = step.branch.iter().map(|branch| branch.condition.clone());
        step.needs.iter().cloned().chain(condition).collect()
    };
    let mut left: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for step in steps {
        let before = before(step);
        if let Some(missing) = before.iter().find(|name| !names.contains(name.as_str())) {
            return Err(Refusal::invalid(format!(
                "step `{}` needs `{missing}`, which is not a step",
                step.name
            )));
        }
        left.insert(&step.name, before);
    }
    while !left.is_empty() {
        let free: Vec<&str> = left
            .iter()
            .filter(|(_, before)| before.iter().all(|name| !left.contains_key(name.as_str())))
            .map(|(name, _)| *name)
            .collect();
        if free.is_empty() {
            let names: Vec<&str> = left.keys().copied().collect();
            return Err(Refusal::invalid(format!(
                "steps wait for each other: {}",
                names.join(", ")
            )));
        }
        for name in free {
            left.remove(name);
        }
    }
    Ok(())
}
