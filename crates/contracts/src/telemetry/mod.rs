//! What grows without bound: metric series and kept logs, beside the rows of the store.

pub mod check;
pub mod conformance;
pub mod memory;

use crate::backend::{LogChunk, LogLine};
use crate::store::StoreError;
use domain::metric::Metric;
use domain::{JobId, Workspace};

/// Metric series and logs of jobs.
#[async_trait::async_trait]
pub trait Telemetry: Send + Sync {
    /// Appends metrics of a job from position `from` on (counted from 0); what is already there
    /// is not written twice. A gap between what is kept and `from` is [`StoreError::Invalid`].
    async fn append_metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        metrics: &[Metric],
    ) -> Result<(), StoreError>;

    /// How many metrics of a job are kept.
    async fn metric_count(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError>;

    /// Metrics of a job in the order they were reported, from a position on.
    async fn metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Metric>, StoreError>;

    /// Keeps log lines of a job that begin at `offset` and end before `next`; a piece that is
    /// already there is not kept twice, and one of which only the beginning is there is
    /// [`StoreError::Stale`]: go on from [`Telemetry::log_end`].
    async fn append_log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        next: u64,
        lines: &[LogLine],
    ) -> Result<(), StoreError>;

    /// Where the kept log ends: the `next` of its last piece, 0 when there is none.
    async fn log_end(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError>;

    /// Kept lines whose [`LogLine::next`] is greater than `offset`, at most `limit` of them.
    async fn log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        limit: u32,
    ) -> Result<LogChunk, StoreError>;

    /// Forgets everything of a job.
    async fn forget(&self, workspace: &Workspace, job: &JobId) -> Result<(), StoreError>;
}
