//! One activation of a search.

use super::decide::{self, MOST_REPORTS, SeenTrial};
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::activities::{Activities, Activity, Seen, Standing};
use contracts::store::{Commit, Expect, Key, Row};
use domain::execution::FailureClass;
use domain::job::Job;
use domain::metric::Finite;
use domain::tuning::{Trial, TrialState, Tuning, TuningPhase};
use domain::{JobId, Refusal, Span, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Pause between two looks at trials whose reports decide whether they go on.
const REPORTS_POLL: Span = Span::milliseconds(500);
/// How long a trial that cannot be made right now is asked for again.
const PATIENCE: Span = Span::minutes(15);

impl Control {
    /// Moves a claimed search along as far as it goes now; returns when it is due again.
    pub(crate) async fn activate_tuning(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let before: Tuning = read(&row)?;
        if before.phase.is_over() {
            return Ok(None);
        }
        let dialect = self.dialects.get(&before.dialect)?;
        let mut tuning = before.clone();
        let mut seen = BTreeMap::new();
        for index in 0..tuning.trials.len() {
            if tuning.trials[index].is_running() {
                let number = tuning.trials[index].number;
                let standing = self.look_at(&mut tuning, index, dialect.as_ref()).await?;
                seen.extend(standing.map(|standing| (number, standing)));
            }
        }
        decide::settle(&mut tuning, &seen, self.world.now());
        let due = self.tuning_due(&before, &tuning);
        if tuning != before {
            tuning.modified = self.world.now();
            self.commit_tuning(&before, &tuning, row.revision, due)
                .await?;
        }
        let all = matches!(tuning.phase, TuningPhase::Stopping | TuningPhase::Finishing);
        for trial in &tuning.trials {
            if let TrialState::Running { handle, stopping } = &trial.state
                && (all || *stopping)
            {
                let activity = activity(&tuning, trial);
                let handle = handle.clone().unwrap_or_default();
                if let Err(error) = dialect.stop(&activity, &handle).await {
                    tracing::warn!(tuning = tuning.id, trial = trial.name, %error, "not stopped");
                }
            }
        }
        Ok(due)
    }

    /// Makes a trial that an earlier commit said is to be made, then observes it.
    async fn look_at(
        &self,
        tuning: &mut Tuning,
        index: usize,
        dialect: &dyn Activities,
    ) -> Result<Option<SeenTrial>, Error> {
        let trial = tuning.trials[index].clone();
        let wanted = activity(tuning, &trial);
        let TrialState::Running { handle, stopping } = trial.state.clone() else {
            return Ok(None);
        };
        let handle = match handle {
            Some(handle) => handle,
            None if tuning.phase != TuningPhase::Running => Value::Null,
            None => match dialect.ensure(&wanted).await {
                Ok(made) => {
                    tuning.trials[index].state = TrialState::Running {
                        handle: Some(made.clone()),
                        stopping,
                    };
                    made
                }
                Err(refusal) => return Ok(self.refused(&trial, &refusal)),
            },
        };
        match dialect.observe(&wanted, &handle).await {
            Ok(seen) => self.reports_of(tuning, seen).await.map(Some),
            // It was deleted, or a stop came before it was made.
            Err(Refusal::NotFound { .. }) => Ok(Some(over(Standing::Stopped))),
            Err(error) => {
                tracing::warn!(tuning = tuning.id, trial = trial.name, %error, "not observed");
                Ok(None)
            }
        }
    }

    fn refused(&self, trial: &Trial, refusal: &Refusal) -> Option<SeenTrial> {
        let may_pass = matches!(
            refusal,
            Refusal::Unavailable { .. }
                | Refusal::Throttled { .. }
                | Refusal::QuotaSpent { .. }
                | Refusal::Internal { .. }
        );
        if may_pass && self.world.now().since(trial.created) < PATIENCE {
            return None;
        }
        Some(over(Standing::Failed {
            reason: refusal.to_string(),
            class: FailureClass::Own,
        }))
    }

    async fn reports_of(&self, tuning: &Tuning, seen: Seen) -> Result<SeenTrial, Error> {
        let mut trial = over(seen.standing);
        let Some(id) = seen.job else {
            return Ok(trial);
        };
        let key = Key::new(Job::KIND, &tuning.workspace, &id);
        self.hints.watch(key.clone(), tuning.key());
        if let Some((job, _)) = self.find::<Job>(&key).await? {
            let metric = &tuning.spec.metric;
            let reports = self.reports(&job, metric).await?;
            trial.last = job.metrics.get(metric).copied().or(reports.last().copied());
            trial.reports = reports.into_iter().take(MOST_REPORTS).collect();
        }
        Ok(trial)
    }

    fn tuning_due(&self, before: &Tuning, tuning: &Tuning) -> Option<Timestamp> {
        if tuning.phase.is_over() {
            return None;
        }
        let now = self.world.now();
        let unmade =
            |trial: &Trial| matches!(trial.state, TrialState::Running { handle: None, .. });
        if tuning.trials.iter().any(unmade) {
            // What was refused just now is asked for again after a pause.
            let refused = before.trials.iter().any(unmade);
            return Some(if refused { now + self.pace.retry } else { now });
        }
        let reports = tuning.spec.stop_early
            || matches!(
                tuning.spec.strategy,
                domain::tuning::Strategy::Hyperband { .. }
            );
        Some(
            now + if reports {
                REPORTS_POLL
            } else {
                self.pace.poll
            },
        )
    }

    async fn commit_tuning(
        &self,
        before: &Tuning,
        tuning: &Tuning,
        revision: i64,
        due: Option<Timestamp>,
    ) -> Result<(), Error> {
        let key = tuning.key();
        let mut events = Vec::new();
        for trial in tuning.trials.iter().skip(before.trials.len()) {
            let detail = json!({"trial": trial.name, "values": trial.values});
            events.push(system_event(&key, "trial-proposed", detail));
        }
        if before.phase != tuning.phase {
            events.push(system_event(&key, tuning.phase.word(), json!({})));
        }
        let commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key, revision)],
            put: vec![tuning.row(due)?],
            events,
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        Ok(())
    }

    /// What a job reported of a metric, in order: kept, and live where it runs.
    async fn reports(&self, job: &Job, metric: &str) -> Result<Vec<Finite>, Error> {
        const PIECE: u32 = 1_000;
        let mut all = Vec::new();
        let mut from = 0;
        loop {
            let (workspace, id): (_, &JobId) = (&job.workspace, &job.id);
            let kept = self.telemetry.metrics(workspace, id, from, PIECE).await?;
            from += kept.len() as u64;
            let more = kept.len() == PIECE as usize;
            all.extend(kept);
            if !more {
                break;
            }
        }
        let live = job
            .phase
            .ticket()
            .filter(|_| all.is_empty() && job.phase.outcome().is_none());
        if let (Some(ticket), Some(placement)) = (live, job.phase.placement())
            && let Some(provider) = self.providers.get(&placement.provider)
            && let Some(remains) = &provider.remains
        {
            all = remains.metrics(ticket, 0).await?;
        }
        let own = all.into_iter().filter(|report| report.name == metric);
        Ok(own.filter_map(|report| Finite::new(report.value)).collect())
    }
}

fn over(standing: Standing) -> SeenTrial {
    SeenTrial {
        standing,
        reports: Vec::new(),
        last: None,
    }
}

fn activity(tuning: &Tuning, trial: &Trial) -> Activity {
    Activity {
        workspace: tuning.workspace.clone(),
        actor: tuning.actor.clone(),
        kind: tuning.kind.clone(),
        name: trial.name.clone(),
        request: json!({"template": tuning.template, "values": trial.values}),
    }
}
