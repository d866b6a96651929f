//! One activation of a run: read its jobs, settle, begin what can be begun, commit.

use super::begun::Begun;
use super::deployments::Wanted;
use super::draft::Draft;
use super::kept::Kept;
use super::registrations::Registration;
use super::settle::{Ready, settle};
use crate::driver::Rest;
use crate::rows::Stored;
use crate::transact::system_event;
use crate::{Caller, Control, Error};
use contracts::store::{Expect, Row};
use domain::pipeline::{Order, PipelineSpec, Run, StepAction, StepSpec, StepState};
use domain::{Refusal, Span, StepPath, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// Pause between two looks at an endpoint that a step waits for, besides being woken.
const ENDPOINT_POLL: Span = Span::milliseconds(100);

impl Control {
    /// Moves a claimed run along as far as it goes now.
    pub(crate) async fn activate_run(&self, row: Row) -> Result<Rest, Error> {
        let Some(before) = self.listed_run(&row).await? else {
            return Ok(Rest::from(None));
        };
        let mut run = (*before.run).clone();
        let order = Order::of(&run.spec);
        let mut draft = Draft::default();
        let mut jobs = self.ended_jobs(&run).await?;
        let spec = Arc::clone(&run.spec);
        let places = self.pace.live_jobs as usize * self.providers.len().max(1);
        let mut begun = Begun::new(&run, &spec, places);
        let (tell, deferred) = loop {
            let settled = settle(&mut run, &order, &jobs, self.world.now());
            Self::remember(&run, settled.remember, &mut draft)?;
            let (ended, tell) = self.stop_queued(&run, settled.stop, &mut draft).await?;
            let mut moved = !ended.is_empty();
            jobs.extend(ended);
            let deferred = self
                .begin_all(&mut run, &spec, settled.ready, (&mut draft, &mut begun))
                .await?;
            moved |= begun.moved();
            moved |= self.look(&before.run, &mut run).await?;
            if !moved || begun.is_enough() {
                break (tell, begun.is_enough() || deferred && !draft.is_empty());
            }
        };
        let due = if deferred {
            Some(self.world.now())
        } else {
            self.run_due(&run)
        };
        let written = run != *before.run || !draft.is_empty();
        let workspace = run.workspace.clone();
        if written {
            self.commit_run(&before, run, draft, due).await?;
        }
        for id in tell {
            match self.stop_job(&Caller::system(workspace.clone()), &id).await {
                Ok(_) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Ok(Rest { due, written })
    }

    /// Begins what is ready, as far as there is room; whether something of it has to wait for the
    /// commit of this activation.
    async fn begin_all<'a>(
        &self,
        run: &mut Run,
        spec: &'a PipelineSpec,
        ready: Vec<Ready>,
        (draft, begun): (&mut Draft, &mut Begun<'a>),
    ) -> Result<bool, Error> {
        let mut deferred = false;
        for Ready { path, position } in ready {
            if begun.is_enough() {
                break;
            }
            let step = &spec.steps[position];
            if let StepAction::Job { job } = &step.action
                && !begun.has_room(job)
            {
                continue;
            }
            let Some(state) = self.begin(run, &path, step, draft).await? else {
                deferred = true;
                continue;
            };
            begun.count(&step.action, &state);
            run.steps.insert(path, state);
        }
        Ok(deferred)
    }

    /// Begins a ready step; its state, if anything changed.
    async fn begin(
        &self,
        run: &Run,
        path: &StepPath,
        step: &StepSpec,
        draft: &mut Draft,
    ) -> Result<Option<StepState>, Error> {
        Ok(match &step.action {
            StepAction::Job { job } => Some(self.begin_job(run, path, job, draft).await?),
            StepAction::Register {
                model,
                from,
                handler,
                approval,
                aliases,
            } => {
                let handler = handler.as_ref();
                let wanted = Registration {
                    model,
                    from,
                    handler,
                    approval: *approval,
                    aliases,
                };
                self.register(run, path, &wanted, draft).await?
            }
            StepAction::Deploy {
                endpoint,
                model,
                replicas,
                rollout,
            } => {
                let wanted = Wanted {
                    endpoint,
                    model,
                    replicas: *replicas,
                    rollout,
                };
                self.begin_deployment(run, path, wanted, draft).await?
            }
            StepAction::Predict { .. } => Some(StepState::Running {
                job: None,
                since: self.world.now(),
                cache_key: None,
                generation: None,
            }),
            StepAction::Condition { .. } | StepAction::Fail { .. } => None,
        })
    }

    /// Looks at running steps that have no job; whether anything changed. What this activation
    /// itself began to deploy is not committed yet, so there is nothing to be seen of it.
    async fn look(&self, before: &Run, run: &mut Run) -> Result<bool, Error> {
        let mut moved = false;
        let without_job = run.steps.iter().filter_map(|(path, state)| match state {
            StepState::Running {
                job: None,
                since,
                generation,
                ..
            } => Some((path.clone(), *since, *generation)),
            _ => None,
        });
        let without_job: Vec<_> = without_job.collect();
        for (path, since, generation) in without_job {
            let spec = Arc::clone(&run.spec);
            let Some(step) = spec.step(&path.step) else {
                continue;
            };
            let next = match (&step.action, generation) {
                (StepAction::Deploy { endpoint, .. }, Some(generation))
                    if before.steps.get(&path) == run.steps.get(&path) =>
                {
                    self.finish_deployment(run, endpoint, generation, since)
                        .await?
                }
                (StepAction::Predict { endpoint, payload }, _) => {
                    self.predict(run, &path, endpoint, payload, since).await
                }
                _ => None,
            };
            if let Some(next) = next {
                run.steps.insert(path, next);
                moved = true;
            }
        }
        Ok(moved)
    }

    fn run_due(&self, run: &Run) -> Option<Timestamp> {
        if run.phase.is_over() {
            return None;
        }
        let waits_for_endpoint =
            |state: &StepState| matches!(state, StepState::Running { job: None, .. });
        let pause = if run.steps.values().any(waits_for_endpoint) {
            ENDPOINT_POLL
        } else {
            self.pace.poll
        };
        Some(self.world.now() + pause)
    }

    async fn commit_run(
        &self,
        before: &Kept,
        run: Run,
        mut draft: Draft,
        due: Option<Timestamp>,
    ) -> Result<(), Error> {
        let key = run.key();
        for (path, state) in &run.steps {
            if before.run.steps.get(path) != Some(state) && state.is_over() {
                let action = format!("step-{}", state.word());
                let message = match state {
                    StepState::Failed { failure, .. } => Some(&failure.message),
                    StepState::Skipped { reason } => Some(reason),
                    _ => None,
                };
                draft.event(system_event(
                    &key,
                    &action,
                    json!({"step": path, "message": message}),
                ));
            }
        }
        if before.run.phase != run.phase {
            draft.event(system_event(&key, run.phase.word(), json!({})));
        }
        let keys = draft.keys();
        let tracked = draft.tracked().to_vec();
        let mut commit = draft.into_commit();
        commit.now = self.world.now();
        commit.expect.push(Expect::Revision(key, before.revision));
        let rows = self.changed_run_rows(before, &run, due)?;
        let changes = rows.changes();
        commit.put.extend(rows.put);
        commit.delete.extend(rows.delete);
        self.store.commit(commit).await?;
        self.know_run(run, changes);
        for job in tracked {
            self.hints.track(&job, false);
        }
        self.hints.wake(keys);
        Ok(())
    }
}
