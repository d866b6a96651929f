//! The in-memory reference of [`Telemetry`].

use super::{Telemetry, check};
use crate::backend::{LogChunk, LogLine};
use crate::store::StoreError;
use domain::metric::Metric;
use domain::{JobId, Workspace};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps everything in this process; gone with it.
#[derive(Debug, Default)]
pub struct Memory {
    jobs: Mutex<HashMap<(Workspace, JobId), Kept>>,
}

#[derive(Debug, Default, Clone)]
struct Kept {
    metrics: Vec<Metric>,
    lines: Vec<LogLine>,
    end: u64,
}

impl Memory {
    /// Nothing kept yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<(Workspace, JobId), Kept>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, workspace: &Workspace, job: &JobId, look: impl Fn(&Kept) -> T) -> T {
        let place = (workspace.clone(), job.clone());
        self.jobs()
            .get(&place)
            .map_or_else(|| look(&Kept::default()), &look)
    }
}

#[async_trait::async_trait]
impl Telemetry for Memory {
    async fn append_metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        metrics: &[Metric],
    ) -> Result<(), StoreError> {
        let mut jobs = self.jobs();
        let kept = jobs.entry((workspace.clone(), job.clone())).or_default();
        let new = check::new_metrics(job, from, metrics, kept.metrics.len() as u64)?;
        kept.metrics.extend(new.iter().map(check::storable));
        Ok(())
    }

    async fn metric_count(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        Ok(self.read(workspace, job, |kept| kept.metrics.len() as u64))
    }

    async fn metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Metric>, StoreError> {
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.read(workspace, job, |kept| {
            kept.metrics
                .iter()
                .skip(skip)
                .take(limit as usize)
                .cloned()
                .collect()
        }))
    }

    async fn append_log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        next: u64,
        lines: &[LogLine],
    ) -> Result<(), StoreError> {
        let mut jobs = self.jobs();
        let kept = jobs.entry((workspace.clone(), job.clone())).or_default();
        if let Some(new) = check::new_lines(job, offset, next, lines, kept.end)? {
            kept.lines.extend_from_slice(new);
            kept.end = next;
        }
        Ok(())
    }

    async fn log_end(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        Ok(self.read(workspace, job, |kept| kept.end))
    }

    async fn log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        limit: u32,
    ) -> Result<LogChunk, StoreError> {
        Ok(self.read(workspace, job, |kept| {
            let start = kept.lines.partition_point(|line| line.next <= offset);
            let lines: Vec<LogLine> = kept.lines[start..]
                .iter()
                .take(limit as usize)
                .cloned()
                .collect();
            let next = match lines.last() {
                Some(last) if start + lines.len() < kept.lines.len() => last.next,
                None if start < kept.lines.len() => offset,
                _ => kept.end.max(offset),
            };
            LogChunk { lines, next }
        }))
    }

    async fn forget(&self, workspace: &Workspace, job: &JobId) -> Result<(), StoreError> {
        self.jobs().remove(&(workspace.clone(), job.clone()));
        Ok(())
    }
}
