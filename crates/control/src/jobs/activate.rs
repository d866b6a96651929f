//! One activation of a job: observe, decide, commit, act; again while it gets on.

use super::collect::Kept;
use super::decide::{Decision, Effect, Seen, after_refusal, decide};
use super::place::Place;
use crate::driver::Rest;
use crate::plans::{JobPlan, denied};
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::backend::{Advice, Observation, Workload};
use contracts::staging::StageError;
use contracts::store::{Commit, Durability, Expect, NewEvent, Row, StoreError};
use domain::job::{Failure, FailureKind, Job, Outcome, Phase};
use domain::{TicketId, Workspace};
use serde_json::json;
use std::collections::BTreeMap;

/// How often one activation goes round before others have their turn.
const ROUNDS: u32 = 16;

/// What acting gave, when it is not simply done.
enum Acted {
    Done,
    Collected(Box<Kept>),
    Refused(Box<Decision>),
}

impl Control {
    /// Moves a claimed job along as far as it goes now.
    pub(crate) async fn activate_job(&self, row: Row) -> Result<Rest, Error> {
        let mut job: Job = read(&row)?;
        let mut revision = row.revision;
        let mut again = Some(self.world.now());
        let mut kept = None;
        let rest = |due, revision| Rest {
            due,
            written: revision != row.revision,
        };
        for _ in 0..ROUNDS {
            let (seen, mut plan) = self.see(&job, kept.as_ref()).await?;
            let mut decision = decide(&job, &seen, self.pace.poll);
            loop {
                again = decision.again;
                let moved = decision.phase.is_some();
                if moved {
                    let commit =
                        self.commit_job(&mut job, revision, &decision, (kept.take(), plan.take()));
                    revision = commit.await?;
                }
                match self.act(&job, &decision.effects).await? {
                    Acted::Refused(next) => decision = *next,
                    Acted::Collected(all) => {
                        kept = Some(*all);
                        break;
                    }
                    Acted::Done if moved || !decision.effects.is_empty() => break,
                    Acted::Done => return Ok(rest(again, revision)),
                }
            }
            if again.is_none_or(|at| at > self.world.now()) && !may_get_on(&job) {
                break;
            }
        }
        Ok(rest(again, revision))
    }

    /// What is known of a job now, and the plan to keep when one was made to place it. `kept` is
    /// what this activation has just kept of its attempt.
    async fn see(
        &self,
        job: &Job,
        kept: Option<&Kept>,
    ) -> Result<(Seen, Option<Box<JobPlan>>), Error> {
        let mut made = None;
        let mut seen = Seen {
            now: self.world.now(),
            place: None,
            observation: None,
            kept: None,
            undelivered: None,
        };
        match &job.phase {
            Phase::Queued { not_before } => {
                if job.stop_requested.is_none() && not_before.is_none_or(|at| at <= seen.now) {
                    match self.place(job, 0).await? {
                        Place::At(placement, plan) => {
                            seen.place = Some(Ok(placement));
                            made = plan;
                        }
                        Place::Nowhere(failure) => seen.place = Some(Err(failure)),
                        Place::Wait => self.hints.wait_for_place(job),
                    }
                }
            }
            Phase::Starting { ticket, placement }
            | Phase::Running {
                ticket, placement, ..
            }
            | Phase::Cleaning {
                ticket, placement, ..
            } => {
                seen.observation = self.observe(ticket, &placement.provider).await;
            }
            Phase::Collecting { .. } => {
                if let Some(kept) = kept {
                    seen.kept = Some(kept.artifacts.clone());
                    seen.undelivered.clone_from(&kept.undelivered);
                }
            }
            Phase::Ended { .. } => {}
        }
        Ok((seen, made))
    }

    async fn observe(&self, ticket: &TicketId, provider: &str) -> Option<Observation> {
        let provider = self.providers.get(provider)?;
        match provider.backend.observe(std::slice::from_ref(ticket)).await {
            Ok(mut observations) => observations.pop(),
            Err(error) => {
                tracing::warn!(%ticket, %error, "the provider could not be observed");
                None
            }
        }
    }

    async fn commit_job(
        &self,
        job: &mut Job,
        revision: i64,
        decision: &Decision,
        (kept, plan): (Option<Kept>, Option<Box<JobPlan>>),
    ) -> Result<i64, Error> {
        let Some(phase) = &decision.phase else {
            return Ok(revision);
        };
        let before = job.clone();
        let mut rows = Vec::new();
        if let Some(kept) = kept {
            rows.push(kept.row(None)?);
            job.metrics.extend(kept.metrics);
        }
        if let (Some(plan), Phase::Starting { .. }) = (plan, phase) {
            rows.push(plan.row(None)?);
        }
        job.phase = phase.clone();
        job.attempts.extend(decision.attempt.clone());
        let now = self.world.now();
        let due = decision.again.map(|at| at.max(now + self.pace.poll));
        let key = job.key();
        let events: Vec<NewEvent> = transition(&before, job)
            .map(|(action, detail)| system_event(&key, action, detail))
            .into_iter()
            .collect();
        rows.push(job.row(due)?);
        let commit = Commit {
            now,
            expect: vec![Expect::Revision(key.clone(), revision)],
            put: rows,
            durability: durability(job, &events),
            events,
            ..Commit::default()
        };
        if let Err(error) = self.store.commit(commit).await {
            *job = before;
            return Err(error.into());
        }
        let newly = before.phase.outcome().is_none() && job.phase.outcome().is_some();
        self.hints.track(job, newly);
        Ok(revision + 1)
    }

    async fn act(&self, job: &Job, effects: &[Effect]) -> Result<Acted, Error> {
        for effect in effects {
            let Some(placement) = job.phase.placement() else {
                return Ok(Acted::Done);
            };
            let Some(provider) = self.providers.get(&placement.provider) else {
                tracing::warn!(job = %job.id, provider = placement.provider, "not configured here");
                return Ok(Acted::Done);
            };
            match effect {
                Effect::Ensure(ticket) => {
                    // Its ticket may have been committed by another server.
                    self.hints.track(job, false);
                    if let Err(refusal) = self.ensure(job, ticket).await? {
                        return Ok(Acted::Refused(Box::new(refusal)));
                    }
                }
                Effect::Stop(ticket) => provider.backend.stop(ticket).await?,
                Effect::Keep(ticket) => {
                    self.keep_living_checkpoints(job, ticket, placement).await?;
                }
                Effect::Collect(ticket, exit) => {
                    let kept = self.collect(job, ticket, placement, exit).await?;
                    return Ok(Acted::Collected(Box::new(kept)));
                }
                Effect::Remove(ticket) => {
                    self.copies.forget(ticket);
                    provider.backend.remove(ticket).await?;
                }
            }
        }
        Ok(Acted::Done)
    }

    async fn ensure(&self, job: &Job, ticket: &TicketId) -> Result<Result<(), Decision>, Error> {
        let now = self.world.now();
        let refuse = |kind, advice, message: &str| {
            let decision = after_refusal(job, advice, message, now);
            decision.map(|mut decision| {
                decision.set_failure_kind(kind);
                decision
            })
        };
        let spec = self.with_checkpoints(job).await?;
        let staged = match self.stager.stage(&job.workspace, &spec).await {
            Ok(staged) => staged,
            Err(StageError::Missing(message)) => {
                let refused = refuse(FailureKind::Input, Advice::GiveUp, &message);
                return Ok(refused.map_or(Ok(()), Err));
            }
            Err(error) => return Err(error.into()),
        };
        let workload = Workload {
            job: job.id.clone(),
            workspace: job.workspace.clone(),
            spec,
            code: staged.code,
            inputs: staged.inputs,
            env: self.env_of(job).await?,
        };
        let Some(placement) = job.phase.placement() else {
            return Ok(Ok(()));
        };
        let Some(provider) = self.providers.get(&placement.provider) else {
            return Ok(Ok(()));
        };
        match provider.backend.ensure(ticket, &workload, placement).await {
            Ok(()) => Ok(Ok(())),
            Err(error) => {
                if matches!(error.advice, Advice::PlanElsewhere) {
                    self.refusals.note(placement, &error, now);
                    let denied = denied(placement, &error.message, now);
                    self.keep_denial(job, ticket, denied).await?;
                }
                match refuse(FailureKind::Provider, error.advice, &error.message) {
                    Some(decision) => Ok(Err(decision)),
                    None => Err(error.into()),
                }
            }
        }
    }
}

impl Control {
    /// The variables that a job gets beside its own: those of every job, keys where it is one of the
    /// usual workspace, and those instead that the API gives it in whose words it was asked for.
    async fn env_of(&self, job: &Job) -> Result<BTreeMap<String, String>, Error> {
        let mut env = self.job_env.get().cloned().unwrap_or_default();
        if job.workspace == Workspace::default() {
            env.extend(self.job_keys.get().cloned().unwrap_or_default());
        }
        let dialect = job.foreign.as_ref().and_then(|foreign| {
            let name = foreign.kind.split('/').next()?;
            self.dialects.get(name).ok()
        });
        let Some(dialect) = dialect else {
            return Ok(env);
        };
        for (name, value) in dialect.job_env(job).await? {
            match value {
                Some(value) => env.insert(name, value),
                None => env.remove(&name),
            };
        }
        Ok(env)
    }
}

/// Whether an immediate second look can show something new.
fn may_get_on(job: &Job) -> bool {
    matches!(job.phase, Phase::Collecting { .. } | Phase::Cleaning { .. })
}

/// That an attempt has ended and that its remains are gone are observations: after a power cut they
/// are made again, and nothing that cannot be done twice follows from them. To wait for the disk
/// twice more would only make each job take longer.
fn durability(job: &Job, events: &[NewEvent]) -> Durability {
    let is_observed = matches!(job.phase, Phase::Collecting { .. } | Phase::Ended { .. });
    if is_observed && events.is_empty() {
        Durability::Passing
    } else {
        Durability::Lasting
    }
}

/// The event that a change of phase is worth, if any.
pub(crate) fn transition(before: &Job, after: &Job) -> Option<(&'static str, serde_json::Value)> {
    let run = after.step.as_ref().map(|step| step.run.clone());
    if let (None, Some(outcome)) = (before.phase.outcome(), after.phase.outcome()) {
        return Some(match outcome {
            Outcome::Succeeded { .. } => ("succeeded", json!({"run": run})),
            Outcome::Stopped => ("stopped", json!({"run": run})),
            Outcome::Failed {
                failure: Failure { message, .. },
            } => ("failed", json!({"run": run, "message": message})),
        });
    }
    match (&before.phase, &after.phase) {
        (Phase::Queued { .. }, Phase::Starting { ticket, placement }) => Some((
            "placed",
            json!({"run": run, "ticket": ticket, "provider": placement.provider, "plan": placement.plan}),
        )),
        (_, Phase::Running { since: Some(_), .. })
            if !matches!(before.phase, Phase::Running { since: Some(_), .. }) =>
        {
            Some(("started", json!({"run": run})))
        }
        (Phase::Cleaning { .. }, Phase::Queued { not_before }) => {
            Some(("retried", json!({"run": run, "not_before": not_before})))
        }
        _ => None,
    }
}

/// Whether an error only says that somebody else was faster.
pub(crate) fn is_stale(error: &Error) -> bool {
    matches!(error, Error::Store(StoreError::Stale(_)))
}
