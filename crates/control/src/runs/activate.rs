//! One activation of a run: read its jobs, settle, begin what can be begun, commit.

use super::deployments::Wanted;
use super::draft::Draft;
use super::registrations::Registration;
use super::settle::settle;
use crate::driver::Rest;
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Caller, Control, Error};
use contracts::store::{Expect, Key, Query, Row};
use domain::job::Job;
use domain::pipeline::{Run, StepAction, StepState};
use domain::{JobId, Refusal, Span, StepPath, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// So many running jobs are read one by one; of more, only those that are over are listed.
const FEW: usize = 8;

/// The words of phases with an outcome.
const OVER: [&str; 3] = ["succeeded", "failed", "stopped"];

/// Pause between two looks at an endpoint that a step waits for, besides being woken.
const ENDPOINT_POLL: Span = Span::milliseconds(100);

/// A text that sorts before this one and after most of those before it: without its last character.
fn just_before(id: &str) -> String {
    let mut text = id.to_owned();
    text.pop();
    text
}

impl Control {
    /// Moves a claimed run along as far as it goes now.
    pub(crate) async fn activate_run(&self, row: Row) -> Result<Rest, Error> {
        let before: Run = read(&row)?;
        let mut run = before.clone();
        let mut draft = Draft::default();
        let jobs = self.ended_jobs(&run).await?;
        let (stop, deferred) = loop {
            let settled = settle(&mut run, &jobs, self.world.now());
            Self::remember(&run, settled.remember, &mut draft)?;
            let mut moved = false;
            let mut deferred = false;
            for path in settled.ready {
                let begun = self.begin(&mut run, &path, &mut draft).await?;
                moved |= begun;
                deferred |= !begun;
            }
            moved |= self.look(&before, &mut run).await?;
            if !moved {
                break (settled.stop, deferred && !draft.is_empty());
            }
        };
        let due = if deferred {
            Some(self.world.now())
        } else {
            self.run_due(&run)
        };
        let written = run != before || !draft.is_empty();
        if written {
            self.commit_run(&before, &run, row.revision, draft, due)
                .await?;
        }
        for id in stop {
            match self
                .stop_job(&Caller::system(run.workspace.clone()), &id)
                .await
            {
                Ok(_) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Ok(Rest { due, written })
    }

    /// The jobs of running steps, as far as their states can change anything: those that are over.
    async fn ended_jobs(&self, run: &Run) -> Result<BTreeMap<JobId, Job>, Error> {
        let running: BTreeSet<&JobId> = run
            .steps
            .values()
            .filter_map(|state| match state {
                StepState::Running { job, .. } => job.as_ref(),
                _ => None,
            })
            .collect();
        if running.len() > FEW {
            return self.listed_jobs(run, &running).await;
        }
        let mut jobs = BTreeMap::new();
        for id in running {
            let key = Key::new(Job::KIND, &run.workspace, id);
            if let Some((job, _)) = self.find::<Job>(&key).await? {
                jobs.insert(id.clone(), job);
            }
        }
        Ok(jobs)
    }

    /// The same by lists, which cost less than many rows one by one.
    async fn listed_jobs(
        &self,
        run: &Run,
        running: &BTreeSet<&JobId>,
    ) -> Result<BTreeMap<JobId, Job>, Error> {
        // Steps mostly end in the order in which they began, which is that of their jobs' ids: those
        // that ended long ago lie before all that are running.
        let first = running.first().map(|id| just_before(id.as_str()));
        let mut query = Query {
            kind: Job::KIND.to_owned(),
            workspace: Some(run.workspace.clone()),
            parent: Some(run.id.to_string()),
            phases: OVER.map(str::to_owned).to_vec(),
            after_id: first.filter(|id| !id.is_empty()),
            limit: 1_000,
            ..Query::default()
        };
        let ids: BTreeSet<&str> = running.iter().map(|id| id.as_str()).collect();
        let mut jobs = BTreeMap::new();
        loop {
            let page = self.store.list(&query).await?;
            for row in page.rows {
                if ids.contains(row.row.key.id.as_str()) {
                    let job: Job = read(&row)?;
                    jobs.insert(job.id.clone(), job);
                }
            }
            query.after = page.next;
            if query.after.is_none() {
                return Ok(jobs);
            }
        }
    }

    /// Begins a ready step; whether anything changed.
    async fn begin(
        &self,
        run: &mut Run,
        path: &StepPath,
        draft: &mut Draft,
    ) -> Result<bool, Error> {
        let Some(step) = run.spec.step(&path.step).cloned() else {
            return Ok(false);
        };
        let state = match &step.action {
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
        };
        Ok(match state {
            None => false,
            Some(state) => {
                run.steps.insert(path.clone(), state);
                true
            }
        })
    }

    /// Looks at running steps that have no job; whether anything changed. What this activation
    /// itself began to deploy is not committed yet, so there is nothing to be seen of it.
    async fn look(&self, before: &Run, run: &mut Run) -> Result<bool, Error> {
        let mut moved = false;
        for (path, state) in run.steps.clone() {
            let StepState::Running {
                job: None,
                since,
                generation,
                ..
            } = state
            else {
                continue;
            };
            let Some(step) = run.spec.step(&path.step).cloned() else {
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
        before: &Run,
        run: &Run,
        revision: i64,
        mut draft: Draft,
        due: Option<Timestamp>,
    ) -> Result<(), Error> {
        let key = run.key();
        for (path, state) in &run.steps {
            if before.steps.get(path) != Some(state) && state.is_over() {
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
        if before.phase != run.phase {
            draft.event(system_event(&key, run.phase.word(), json!({})));
        }
        let keys = draft.keys();
        let placed = draft.placed().to_vec();
        let mut commit = draft.into_commit();
        commit.now = self.world.now();
        commit.expect.push(Expect::Revision(key, revision));
        commit.put.push(run.row(due)?);
        self.store.commit(commit).await?;
        for job in placed {
            self.hints.track(&job, false);
        }
        self.hints.wake(keys);
        Ok(())
    }
}
