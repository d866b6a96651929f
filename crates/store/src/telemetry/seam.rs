//! [`Telemetry`] over the store's database.

use crate::store::Store;
use crate::telemetry;
use crate::writer::work::{Change, Single};
use contracts::backend::{LogChunk, LogLine};
use contracts::store::StoreError;
use contracts::telemetry::Telemetry;
use domain::metric::Metric;
use domain::{JobId, Workspace};

impl Store {
    async fn change(
        &self,
        workspace: &Workspace,
        job: &JobId,
        change: Change,
    ) -> Result<(), StoreError> {
        let work = Single::Telemetry {
            workspace: workspace.clone(),
            job: job.clone(),
            change,
        };
        self.perform(work).await.map(drop)
    }
}

#[async_trait::async_trait]
impl Telemetry for Store {
    async fn append_metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        metrics: &[Metric],
    ) -> Result<(), StoreError> {
        let metrics = metrics.to_vec();
        self.change(workspace, job, Change::Metrics { from, metrics })
            .await
    }

    async fn metric_count(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        let mut connection = self.reader().await?;
        let count = telemetry::metrics::count(&mut connection, workspace, job).await;
        count.map_err(self.fault("counting metrics"))
    }

    async fn metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Metric>, StoreError> {
        let mut connection = self.reader().await?;
        let metrics = telemetry::metrics::read(&mut connection, workspace, job, from, limit).await;
        metrics.map_err(self.fault("reading metrics"))
    }

    async fn append_log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        next: u64,
        lines: &[LogLine],
    ) -> Result<(), StoreError> {
        let lines = lines.to_vec();
        let change = Change::Log {
            offset,
            next,
            lines,
        };
        self.change(workspace, job, change).await
    }

    async fn log_end(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        let mut connection = self.reader().await?;
        let end = telemetry::log::end(&mut connection, workspace, job).await;
        end.map_err(self.fault("reading a log"))
    }

    async fn log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        limit: u32,
    ) -> Result<LogChunk, StoreError> {
        let mut connection = self.reader().await?;
        let chunk = telemetry::log::read(&mut connection, workspace, job, offset, limit).await;
        chunk.map_err(self.fault("reading a log"))
    }

    async fn forget(&self, workspace: &Workspace, job: &JobId) -> Result<(), StoreError> {
        self.change(workspace, job, Change::Forget).await
    }
}
