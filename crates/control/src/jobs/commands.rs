//! What callers ask of jobs.

use super::check;
use crate::plans::JobPlan;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::spending::Proposal;
use contracts::store::{Commit, Expect, Key};
use domain::foreign::Foreign;
use domain::job::{Entry, Job, JobSpec, Phase};
use domain::{JobId, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A job to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewJob {
    /// Its id; made up when unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<JobId>,
    /// What it shall do; without expressions.
    pub spec: JobSpec,
    /// What the foreign API that makes it wants back to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
}

impl Control {
    /// Makes a job; it is queued at once.
    pub async fn submit_job(&self, caller: &Caller, new: &NewJob) -> Result<Job, Refusal> {
        caller.may_edit()?;
        let made_up = self.world.fresh_id("job");
        let id = match &new.id {
            Some(id) => id.clone(),
            None => JobId::new(made_up).map_err(|e| Refusal::internal(e.to_string()))?,
        };
        if !crate::endpoints::logs::is_free(&id) {
            return Err(Refusal::invalid(format!(
                "`{id}` cannot name a job: such names are those of endpoints' logs"
            )));
        }
        check(&new.spec)?;
        let proposal = Proposal::job(&caller.workspace, &new.spec);
        self.spending.allow(&proposal).await?;
        self.transact(caller, new, || {
            Box::pin(async {
                let now = self.world.now();
                let mut job = Job::new(id.clone(), caller.workspace.clone(), new.spec.clone(), now);
                job.foreign.clone_from(&new.foreign);
                let key = job.key();
                if self.store.get(&key).await?.is_some() {
                    let (kind, name) = ("job".to_owned(), id.to_string());
                    return Err(Refusal::AlreadyExists { kind, name }.into());
                }
                let commit = Commit {
                    expect: vec![Expect::Absent(key.clone())],
                    put: vec![job.row(Some(now))?],
                    events: vec![event(caller, &key, "created", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: job,
                })
            })
        })
        .await
    }

    /// Asks a job to stop. One that is over stays as it is.
    pub async fn stop_job(&self, caller: &Caller, id: &JobId) -> Result<Job, Refusal> {
        caller.may_edit()?;
        let key = Key::new(Job::KIND, &caller.workspace, id);
        self.transact(caller, &("stop-job", id), || {
            Box::pin(async {
                let (mut job, row) = self.require::<Job>(&key).await?;
                if job.phase.outcome().is_some() || job.stop_requested.is_some() {
                    return Ok(Draft {
                        commit: Commit::default(),
                        answer: job,
                    });
                }
                let now = self.world.now();
                job.stop_requested = Some(now);
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![job.row(Some(now))?],
                    events: vec![event(caller, &key, "stop-requested", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: job,
                })
            })
        })
        .await
    }

    /// Forgets a job that is over, with its log and metrics. Its artifacts stay objects.
    pub async fn delete_job(&self, caller: &Caller, id: &JobId) -> Result<(), Refusal> {
        caller.may_edit()?;
        let key = Key::new(Job::KIND, &caller.workspace, id);
        self.transact(caller, &("delete-job", id), || {
            Box::pin(async {
                let (job, row) = self.require::<Job>(&key).await?;
                if !matches!(job.phase, Phase::Ended { .. }) {
                    let message = format!("job `{id}` is {}; stop it first", job.phase.word());
                    return Err(Refusal::conflict(message).into());
                }
                let mut tickets: Vec<_> = job.attempts.iter().map(|it| it.ticket.clone()).collect();
                // One that was stopped before it began is no attempt.
                tickets.push(job.next_ticket());
                let kept = tickets.iter().flat_map(|ticket| {
                    [super::collect::Kept::KIND, JobPlan::KIND]
                        .map(|kind| Key::new(kind, &job.workspace, ticket))
                });
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete: kept.chain([key.clone()]).collect(),
                    events: vec![event(caller, &key, "deleted", json!({"job": used(&job)}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await?;
        let forgotten = self.telemetry.forget(&caller.workspace, id).await;
        forgotten.map_err(|error| Error::from(error).into())
    }
}

/// What a job used and whose it was, without what it did: whoever meters jobs finds it in the event when
/// the job itself is gone.
fn used(job: &Job) -> Job {
    let mut spec = JobSpec::new(Entry::Command { argv: Vec::new() });
    spec.tags.clone_from(&job.spec.tags);
    spec.resources = job.spec.resources.clone();
    Job {
        foreign: None,
        metrics: BTreeMap::new(),
        spec,
        ..job.clone()
    }
}
