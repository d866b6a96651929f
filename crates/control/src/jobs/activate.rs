//! One activation of a job: observe, decide, commit, act; again while it gets on.

use super::decide::{Decision, Effect, Seen, after_refusal, decide};
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::backend::{Advice, Observation, Workload};
use contracts::staging::StageError;
use contracts::store::{Commit, Expect, Row, StoreError};
use domain::job::{Failure, FailureKind, Job, Outcome, Phase};
use domain::{TicketId, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;

/// How often one activation goes round before others have their turn.
const ROUNDS: u32 = 16;

/// What acting gave, when it is not simply done.
enum Acted {
    Done,
    Refused(Box<Decision>),
}

impl Control {
    /// Moves a claimed job along as far as it goes now; returns when it is due again.
    pub(crate) async fn activate_job(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let mut job: Job = read(&row)?;
        let mut revision = row.revision;
        let mut again = Some(self.world.now());
        for _ in 0..ROUNDS {
            let seen = self.see(&job).await?;
            let mut decision = decide(&job, &seen, self.pace.poll);
            loop {
                again = decision.again;
                let moved = decision.phase.is_some();
                if moved {
                    revision = self.commit_job(&mut job, revision, &decision).await?;
                }
                match self.act(&job, &decision.effects).await? {
                    Acted::Refused(next) => decision = *next,
                    Acted::Done if moved || !decision.effects.is_empty() => break,
                    Acted::Done => return Ok(again),
                }
            }
            if again.is_none_or(|at| at > self.world.now()) && !may_get_on(&job) {
                return Ok(again);
            }
        }
        Ok(again)
    }

    async fn see(&self, job: &Job) -> Result<Seen, Error> {
        let mut seen = Seen {
            now: self.world.now(),
            place: None,
            observation: None,
            kept: None,
            undelivered: None,
        };
        match &job.phase {
            Phase::Queued { .. } => {
                seen.place = self.place(job);
                if seen.place.is_none() {
                    self.hints.wait_for_place(job);
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
            Phase::Collecting { ticket, .. } => {
                if let Some(kept) = self.kept(job, ticket).await? {
                    seen.kept = Some(kept.artifacts);
                    seen.undelivered = kept.undelivered;
                }
            }
            Phase::Ended { .. } => {}
        }
        Ok(seen)
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
    ) -> Result<i64, Error> {
        let Some(phase) = &decision.phase else {
            return Ok(revision);
        };
        let before = job.clone();
        if let (Phase::Collecting { ticket, .. }, Phase::Cleaning { .. }) = (&job.phase, phase)
            && let Some(kept) = self.kept(job, ticket).await?
        {
            job.metrics.extend(kept.metrics);
        }
        job.phase = phase.clone();
        job.attempts.extend(decision.attempt.clone());
        let now = self.world.now();
        let due = decision.again.map(|at| at.max(now + self.pace.poll));
        let key = job.key();
        let events = transition(&before, job)
            .map(|(action, detail)| system_event(&key, action, detail))
            .into_iter()
            .collect();
        let commit = Commit {
            now,
            expect: vec![Expect::Revision(key.clone(), revision)],
            put: vec![job.row(due)?],
            events,
            ..Commit::default()
        };
        if let Err(error) = self.store.commit(commit).await {
            *job = before;
            return Err(error.into());
        }
        self.hints.track(job);
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
                    if let Err(refusal) = self.ensure(job, ticket).await? {
                        return Ok(Acted::Refused(Box::new(refusal)));
                    }
                }
                Effect::Stop(ticket) => provider.backend.stop(ticket).await?,
                Effect::Keep(ticket) => {
                    self.keep_living_checkpoints(job, ticket, placement).await?;
                }
                Effect::Collect(ticket, exit) => {
                    self.collect(job, ticket, placement, exit).await?;
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
            Err(error) => match refuse(FailureKind::Provider, error.advice, &error.message) {
                Some(decision) => Ok(Err(decision)),
                None => Err(error.into()),
            },
        }
    }
}

impl Control {
    /// The variables that a job gets beside its own: those of every job, and keys that the API
    /// gives it in whose words it was asked for.
    async fn env_of(&self, job: &Job) -> Result<BTreeMap<String, String>, Error> {
        let mut env = self.job_env.get().cloned().unwrap_or_default();
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

/// The event that a change of phase is worth, if any.
fn transition(before: &Job, after: &Job) -> Option<(&'static str, serde_json::Value)> {
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
            json!({"run": run, "ticket": ticket, "provider": placement.provider}),
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
