//! The jobs of a run, as far as they can change anything of it.

use super::draft::Draft;
use crate::jobs::decide::{Seen, decide};
use crate::jobs::transition;
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::store::{Key, Row};
use domain::JobId;
use domain::job::{Job, Phase};
use domain::pipeline::{Run, StepState};
use futures::future::try_join_all;
use serde_json::json;
use std::collections::BTreeMap;

/// The words of phases with an outcome.
const OVER: [&str; 3] = ["succeeded", "failed", "stopped"];

/// Rows that are asked for at once.
const AT_ONCE: usize = 8;

impl Control {
    /// The jobs of running steps that are over. A run has begun no more than some for each place, so
    /// they are looked for one by one; only those that are over are read.
    pub(super) async fn ended_jobs(&self, run: &Run) -> Result<BTreeMap<JobId, Job>, Error> {
        let running = run.steps.values().filter_map(|state| match state {
            StepState::Running { job, .. } => job.clone(),
            _ => None,
        });
        let mut jobs = BTreeMap::new();
        for row in self.job_rows(run, &running.collect::<Vec<_>>()).await? {
            if OVER.contains(&row.row.phase.as_str()) {
                let job: Job = read(&row)?;
                jobs.insert(job.id.clone(), job);
            }
        }
        Ok(jobs)
    }

    /// Ends those of a stopping run's jobs of which nothing was started yet, in the run's own commit.
    /// The answer has them, and the others that have not been told.
    pub(super) async fn stop_queued(
        &self,
        run: &Run,
        ids: Vec<JobId>,
        draft: &mut Draft,
    ) -> Result<(BTreeMap<JobId, Job>, Vec<JobId>), Error> {
        let (mut ended, mut tell) = (BTreeMap::new(), Vec::new());
        for row in self.job_rows(run, &ids).await? {
            let before: Job = read(&row)?;
            if draft.has(&row.row.key) || before.phase.outcome().is_some() {
                continue;
            }
            let Phase::Queued { .. } = before.phase else {
                if before.stop_requested.is_none() {
                    tell.push(before.id);
                }
                continue;
            };
            let now = self.world.now();
            let mut job = before.clone();
            job.stop_requested = job.stop_requested.or(Some(now));
            let seen = Seen {
                now,
                place: None,
                observation: None,
                kept: None,
                undelivered: None,
            };
            let decision = decide(&job, &seen, self.pace.poll);
            let Some(phase) = decision.phase else {
                continue;
            };
            job.phase = phase;
            if before.stop_requested.is_none() {
                draft.event(system_event(&row.row.key, "stop-requested", json!({})));
            }
            if let Some((action, detail)) = transition(&before, &job) {
                draft.event(system_event(&row.row.key, action, detail));
            }
            draft.put(job.row(decision.again)?, Some(row.revision));
            draft.track(job.clone());
            ended.insert(job.id.clone(), job);
        }
        Ok((ended, tell))
    }

    async fn job_rows(&self, run: &Run, ids: &[JobId]) -> Result<Vec<Row>, Error> {
        let keys = ids.iter().map(|id| Key::new(Job::KIND, &run.workspace, id));
        let keys: Vec<Key> = keys.collect();
        let mut rows = Vec::with_capacity(keys.len());
        for some in keys.chunks(AT_ONCE) {
            let looks: Vec<_> = some.iter().map(|key| self.store.get(key)).collect();
            rows.extend(try_join_all(looks).await?.into_iter().flatten());
        }
        Ok(rows)
    }
}
