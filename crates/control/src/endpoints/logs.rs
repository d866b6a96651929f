//! What replicas of endpoints printed, kept beside the logs of jobs: under the name of a job that
//! no job can have. It stays when the endpoint is deleted, until somebody deletes it.

use crate::{Caller, Control, Error};
use contracts::backend::{LogChunk, LogLine};
use contracts::store::StoreError;
use domain::{EndpointName, JobId, Refusal, Workspace};

/// What the name of an endpoint's log begins with.
const PREFIX: &str = "endpoint-log.";
/// How often lines are put behind those that another server put there meanwhile.
const TRIES: usize = 8;

/// Whether a job may have an id.
pub(crate) fn is_free(id: &JobId) -> bool {
    !id.as_str().starts_with(PREFIX)
}

fn name(endpoint: &EndpointName) -> Result<JobId, Error> {
    JobId::new(format!("{PREFIX}{endpoint}"))
        .map_err(|error| Refusal::invalid(error.to_string()).into())
}

impl Control {
    /// Puts lines behind those that are kept of an endpoint; their places are given here.
    pub async fn keep_endpoint_lines(
        &self,
        workspace: &Workspace,
        endpoint: &EndpointName,
        lines: &[LogLine],
    ) -> Result<(), Refusal> {
        Ok(self.put_behind(workspace, &name(endpoint)?, lines).await?)
    }

    async fn put_behind(
        &self,
        workspace: &Workspace,
        id: &JobId,
        lines: &[LogLine],
    ) -> Result<(), Error> {
        let mut last = Ok(());
        for _ in 0..TRIES {
            let from = self.telemetry.log_end(workspace, id).await?;
            let placed: Vec<LogLine> = lines
                .iter()
                .zip(from + 1..)
                .map(|(line, next)| LogLine {
                    next,
                    ..line.clone()
                })
                .collect();
            let next = from + placed.len() as u64;
            let kept = self
                .telemetry
                .append_log(workspace, id, from, next, &placed);
            match kept.await {
                Err(error @ StoreError::Stale(_)) => last = Err(error.into()),
                result => return Ok(result?),
            }
        }
        last
    }

    /// Kept lines of an endpoint, after a place; [`LogLine::stream`] is what they were kept with.
    pub async fn endpoint_log(
        &self,
        caller: &Caller,
        endpoint: &EndpointName,
        offset: u64,
        limit: u32,
    ) -> Result<LogChunk, Refusal> {
        caller.may_read()?;
        let id = name(endpoint)?;
        let found = self.telemetry.log(&caller.workspace, &id, offset, limit);
        found.await.map_err(|error| Error::from(error).into())
    }

    /// Forgets what was kept of an endpoint.
    pub async fn forget_endpoint_log(
        &self,
        caller: &Caller,
        endpoint: &EndpointName,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        let id = name(endpoint)?;
        let forgotten = self.telemetry.forget(&caller.workspace, &id).await;
        forgotten.map_err(|error| Error::from(error).into())
    }
}
