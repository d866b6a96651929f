//! What callers read of jobs.

use crate::rows::{Stored, shared};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Order, Query};
use domain::job::Job;
use domain::metric::Metric;
use domain::{JobId, Refusal, RunId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which jobs.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only those of this run.
    pub run: Option<RunId>,
    /// Only these states (`running`, `failed`, …).
    pub phases: Vec<String>,
    /// Only those with all of these tags.
    pub tags: BTreeMap<String, String>,
    /// Only ids that begin so.
    pub prefix: Option<String>,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

impl Control {
    /// A job.
    pub async fn job(&self, caller: &Caller, id: &JobId) -> Result<Job, Refusal> {
        caller.may_read()?;
        let found = self
            .require(&Key::new(Job::KIND, &caller.workspace, id))
            .await;
        found.map(|(job, _)| job).map_err(Refusal::from)
    }

    /// A page of jobs, the newest first.
    pub async fn jobs(
        &self,
        caller: &Caller,
        filter: &JobFilter,
    ) -> Result<(Vec<Arc<Job>>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Job::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            parent: filter.run.as_ref().map(ToString::to_string),
            phases: filter.phases.clone(),
            labels: filter.tags.clone(),
            prefix: filter.prefix.clone(),
            order: Order::Newest,
            after: filter.after.clone(),
            limit: filter.limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let jobs: Result<Vec<Arc<Job>>, Error> = page.rows.iter().map(shared).collect();
        Ok((jobs?, page.next))
    }

    /// Metrics of a job in the order it reported them, from a position on.
    pub async fn job_metrics(
        &self,
        caller: &Caller,
        id: &JobId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Metric>, Refusal> {
        let job = self.job(caller, id).await?;
        let metrics = self
            .telemetry
            .metrics(&job.workspace, id, from, limit)
            .await;
        metrics.map_err(|error| Error::from(error).into())
    }
}
