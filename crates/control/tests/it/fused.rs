//! The seams besides store and provider behind the fuse: what they are asked may fail, lose its
//! answer, or be where the server dies.

use crate::fuse::Fuse;
use contracts::backend::{LogChunk, LogLine};
use contracts::data_plane::{
    Answer, CanaryReport, DataPlane, DesiredEndpoint, EndpointObservation, Invocation,
};
use contracts::objects::{
    ByteStream, ListObjects, Listing, ObjectError, ObjectHead, Objects, PutOptions,
};
use contracts::staging::{StageError, StagedInputs, Stager};
use contracts::store::StoreError;
use contracts::telemetry::Telemetry;
use domain::job::JobSpec;
use domain::metric::Metric;
use domain::{EndpointName, JobId, Refusal, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A seam behind the fuse.
pub(crate) struct Fused<T: ?Sized> {
    pub(crate) inner: Arc<T>,
    pub(crate) fuse: Arc<Fuse>,
}

impl<T: ?Sized> Fused<T> {
    pub(crate) fn new(inner: Arc<T>, fuse: &Arc<Fuse>) -> Self {
        let fuse = fuse.clone();
        Self { inner, fuse }
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable {
        message: "the simulated telemetry is away".to_owned(),
        source: None,
    }
}

fn unreadable() -> ObjectError {
    ObjectError::Failed {
        message: "the simulated disk is away".to_owned(),
        source: None,
    }
}

fn unstaged() -> StageError {
    StageError::Failed {
        message: "the simulated inputs are away".to_owned(),
        source: None,
    }
}

#[async_trait::async_trait]
impl Telemetry for Fused<dyn Telemetry> {
    async fn append_metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        metrics: &[Metric],
    ) -> Result<(), StoreError> {
        let call = self.inner.append_metrics(workspace, job, from, metrics);
        self.fuse.call(lost, call).await
    }
    async fn metric_count(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        let call = self.inner.metric_count(workspace, job);
        self.fuse.call(lost, call).await
    }
    async fn metrics(
        &self,
        workspace: &Workspace,
        job: &JobId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<Metric>, StoreError> {
        let call = self.inner.metrics(workspace, job, from, limit);
        self.fuse.call(lost, call).await
    }
    async fn append_log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        next: u64,
        lines: &[LogLine],
    ) -> Result<(), StoreError> {
        let call = self.inner.append_log(workspace, job, offset, next, lines);
        self.fuse.call(lost, call).await
    }
    async fn log_end(&self, workspace: &Workspace, job: &JobId) -> Result<u64, StoreError> {
        let call = self.inner.log_end(workspace, job);
        self.fuse.call(lost, call).await
    }
    async fn log(
        &self,
        workspace: &Workspace,
        job: &JobId,
        offset: u64,
        limit: u32,
    ) -> Result<LogChunk, StoreError> {
        let call = self.inner.log(workspace, job, offset, limit);
        self.fuse.call(lost, call).await
    }
    async fn forget(&self, workspace: &Workspace, job: &JobId) -> Result<(), StoreError> {
        let call = self.inner.forget(workspace, job);
        self.fuse.call(lost, call).await
    }
}

#[async_trait::async_trait]
impl Objects for Fused<dyn Objects> {
    async fn ensure_bucket(&self, workspace: &Workspace, bucket: &str) -> Result<(), ObjectError> {
        let call = self.inner.ensure_bucket(workspace, bucket);
        self.fuse.call(unreadable, call).await
    }
    async fn put(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        body: ByteStream,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let call = self.inner.put(workspace, bucket, key, body, options);
        self.fuse.call(unreadable, call).await
    }
    async fn head(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<ObjectHead, ObjectError> {
        let call = self.inner.head(workspace, bucket, key);
        self.fuse.call(unreadable, call).await
    }
    async fn get(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<(ObjectHead, ByteStream), ObjectError> {
        let call = self.inner.get(workspace, bucket, key, range);
        self.fuse.call(unreadable, call).await
    }
    async fn list(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<Listing, ObjectError> {
        let call = self.inner.list(workspace, bucket, list);
        self.fuse.call(unreadable, call).await
    }
    async fn delete(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(), ObjectError> {
        let call = self.inner.delete(workspace, bucket, key);
        self.fuse.call(unreadable, call).await
    }
    async fn file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectHead, PathBuf), ObjectError> {
        let call = self.inner.file(workspace, bucket, key);
        self.fuse.call(unreadable, call).await
    }
    async fn put_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        file: &Path,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let call = self.inner.put_file(workspace, bucket, key, file, options);
        self.fuse.call(unreadable, call).await
    }
}

#[async_trait::async_trait]
impl Stager for Fused<dyn Stager> {
    async fn stage(
        &self,
        workspace: &Workspace,
        spec: &JobSpec,
    ) -> Result<StagedInputs, StageError> {
        let call = self.inner.stage(workspace, spec);
        self.fuse.call(unstaged, call).await
    }
    async fn folder(&self, workspace: &Workspace, location: &str) -> Result<PathBuf, StageError> {
        let call = self.inner.folder(workspace, location);
        self.fuse.call(unstaged, call).await
    }
    async fn content_hash(
        &self,
        workspace: &Workspace,
        location: &str,
    ) -> Result<String, StageError> {
        let call = self.inner.content_hash(workspace, location);
        self.fuse.call(unstaged, call).await
    }
}

#[async_trait::async_trait]
impl DataPlane for Fused<dyn DataPlane> {
    async fn apply(&self, desired: DesiredEndpoint) {
        self.fuse.pass(self.inner.apply(desired)).await;
    }
    async fn observe(&self, workspace: &Workspace, name: &EndpointName) -> EndpointObservation {
        self.fuse.pass(self.inner.observe(workspace, name)).await
    }
    async fn remove(&self, workspace: &Workspace, name: &EndpointName) {
        self.fuse.pass(self.inner.remove(workspace, name)).await;
    }
    async fn invoke(
        &self,
        workspace: &Workspace,
        name: &EndpointName,
        request: Invocation,
    ) -> Result<Answer, Refusal> {
        let away = || Refusal::Unavailable {
            message: "the simulated workers are away".to_owned(),
        };
        let call = self.inner.invoke(workspace, name, request);
        self.fuse.call(away, call).await
    }
    fn canaries(&self) -> Vec<CanaryReport> {
        self.inner.canaries()
    }
    async fn changed(&self) {
        self.inner.changed().await;
    }
}
