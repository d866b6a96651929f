//! One activation of an execution.

use super::cache;
use super::decide::{self, Beginning};
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::activities::{Activities, Activity, Resolved, Standing};
use contracts::store::{Commit, Expect, Key, Row};
use domain::execution::{Execution, ExecutionPhase, StepState, Work};
use domain::job::Job;
use domain::{Refusal, Span, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The length of an answer's token.
const TOKEN: usize = 10;

impl Control {
    /// Moves a claimed execution along as far as it goes now; returns when it is due again.
    pub(crate) async fn activate_execution(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let before: Execution = read(&row)?;
        if before.phase.is_over() {
            return Ok(None);
        }
        let dialect = self.dialects.get(&before.dialect)?;
        let mut execution = before.clone();
        self.make(&mut execution, dialect.as_ref()).await;
        let seen = self.observe_activities(&execution, &dialect).await;
        loop {
            let ready = decide::settle(&mut execution, &seen, self.world.now());
            if ready.is_empty() {
                break;
            }
            for name in ready {
                self.begin_activity(&mut execution, &name, dialect.as_ref())
                    .await?;
            }
        }
        // What was refused just now is asked for again after a pause.
        let refused = activities(&before).into_iter().any(|(name, _, handle)| {
            handle.is_none() && before.states.get(&name) == execution.states.get(&name)
        });
        let due = self.execution_due(
            &execution,
            if refused { self.pace.retry } else { Span::ZERO },
        );
        if execution != before {
            execution.modified = self.world.now();
            self.commit_execution(&before, &execution, row.revision, due)
                .await?;
        }
        if execution.phase == ExecutionPhase::Stopping {
            self.stop_activities(&execution, dialect.as_ref()).await;
        }
        Ok(due)
    }

    /// Makes what an earlier commit said is to be made.
    async fn make(&self, execution: &mut Execution, dialect: &dyn Activities) {
        for (name, activity, handle) in activities(execution) {
            if handle.is_some() {
                continue;
            }
            if execution.phase == ExecutionPhase::Stopping {
                // It was made before a crash, or it never is.
                match dialect.observe(&activity, &Value::Null).await {
                    Err(Refusal::NotFound { .. }) => {
                        decide::unmade(execution, &name, self.world.now());
                    }
                    Ok(_) => set_handle(execution, &name, Value::Null),
                    Err(error) => tracing::warn!(step = name, %error, "not observed"),
                }
                continue;
            }
            match dialect.ensure(&activity).await {
                Ok(made) => set_handle(execution, &name, made),
                Err(refusal) => {
                    decide::refused(execution, &name, &refusal, self.world.now());
                }
            }
        }
    }

    async fn observe_activities(
        &self,
        execution: &Execution,
        dialect: &Arc<dyn Activities>,
    ) -> BTreeMap<String, Standing> {
        let mut seen = BTreeMap::new();
        for (name, activity, handle) in activities(execution) {
            let Some(handle) = handle else {
                continue;
            };
            match dialect.observe(&activity, &handle).await {
                Ok(found) => {
                    if let Some(job) = found.job {
                        let job = Key::new(Job::KIND, &execution.workspace, job);
                        self.hints.watch(job, execution.key());
                    }
                    seen.insert(name, found.standing);
                }
                Err(refusal @ Refusal::NotFound { .. }) => {
                    let gone = Standing::Failed {
                        reason: format!("it was deleted: {refusal}"),
                        class: domain::execution::FailureClass::Own,
                    };
                    seen.insert(name, gone);
                }
                Err(error) => {
                    tracing::warn!(execution = execution.id, step = name, %error, "not observed");
                }
            }
        }
        seen
    }

    async fn begin_activity(
        &self,
        execution: &mut Execution,
        name: &str,
        dialect: &dyn Activities,
    ) -> Result<(), Error> {
        let Some(step) = execution.step(name).cloned() else {
            return Ok(());
        };
        let tries = match execution.states.get(name) {
            Some(StepState::Waiting { tries, .. }) => *tries,
            _ => return Ok(()),
        };
        let resolved = dialect.resolve(execution, &step, tries).await;
        let mut with = Beginning {
            now: self.world.now(),
            token: String::new(),
            cache_key: None,
            cached: None,
        };
        match &resolved {
            Ok(Resolved::Answer { .. }) => {
                with.token = self.world.fresh_secret().chars().take(TOKEN).collect();
            }
            Ok(Resolved::Activity {
                kind,
                cache: Some(equal),
                ..
            }) if step.cache.is_some() => {
                let key = cache::key(execution, kind, equal);
                let age = step.cache.unwrap_or_default();
                with.cached = self
                    .remembered_activity(&execution.workspace, &key, age)
                    .await?;
                with.cache_key = Some(key);
            }
            _ => {}
        }
        decide::begin(execution, name, resolved, with);
        Ok(())
    }

    async fn stop_activities(&self, execution: &Execution, dialect: &dyn Activities) {
        for (name, activity, handle) in activities(execution) {
            let handle = handle.unwrap_or_default();
            if let Err(error) = dialect.stop(&activity, &handle).await {
                tracing::warn!(execution = execution.id, step = name, %error, "not stopped");
            }
        }
    }

    fn execution_due(&self, execution: &Execution, unmade: Span) -> Option<Timestamp> {
        if execution.phase.is_over() {
            return None;
        }
        let now = self.world.now();
        let due = |state: &StepState| match state {
            // What is to be made is made at once, unless that was refused.
            StepState::Running {
                work: Work::Activity { handle: None, .. },
                ..
            } => Some(now + unmade),
            StepState::Running { .. } => Some(now + self.pace.poll),
            StepState::Waiting {
                not_before: Some(at),
                ..
            } => Some((*at).max(now)),
            _ => None,
        };
        let next = execution.states.values().filter_map(due).min();
        Some(next.unwrap_or(now + self.pace.poll))
    }

    async fn commit_execution(
        &self,
        before: &Execution,
        execution: &Execution,
        revision: i64,
        due: Option<Timestamp>,
    ) -> Result<(), Error> {
        let key = execution.key();
        let mut events = Vec::new();
        for (name, state) in &execution.states {
            if let StepState::Over { ending, .. } = state
                && before.states.get(name) != Some(state)
            {
                let (action, message) = match ending {
                    domain::execution::StepEnding::Succeeded { .. } => ("step-succeeded", None),
                    domain::execution::StepEnding::Failed { reason } => {
                        ("step-failed", Some(reason))
                    }
                    domain::execution::StepEnding::Stopped => ("step-stopped", None),
                };
                let detail = json!({"step": name, "message": message});
                events.push(system_event(&key, action, detail));
            }
        }
        if before.phase != execution.phase {
            events.push(system_event(&key, execution.phase.word(), json!({})));
        }
        let mut put = cache::remember(before, execution)?;
        put.push(execution.row(due)?);
        let commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key, revision)],
            put,
            events,
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        Ok(())
    }
}

/// The activities under way, with their handles.
fn activities(execution: &Execution) -> Vec<(String, Activity, Option<Value>)> {
    let running = execution
        .states
        .iter()
        .filter_map(|(step, state)| match state {
            StepState::Running {
                work:
                    Work::Activity {
                        activity,
                        name,
                        request,
                        handle,
                        ..
                    },
                ..
            } => {
                let activity = Activity {
                    workspace: execution.workspace.clone(),
                    actor: execution.actor.clone(),
                    kind: activity.clone(),
                    name: name.clone(),
                    request: request.clone(),
                };
                Some((step.clone(), activity, handle.clone()))
            }
            _ => None,
        });
    running.collect()
}

fn set_handle(execution: &mut Execution, step: &str, made: Value) {
    if let Some(StepState::Running {
        work: Work::Activity { handle, .. },
        ..
    }) = execution.states.get_mut(step)
    {
        *handle = Some(made);
    }
}
