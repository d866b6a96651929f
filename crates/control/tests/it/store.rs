//! The in-memory store behind the fuse.

use crate::fuse::Fuse;
use contracts::store::memory::Memory;
use contracts::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::sync::Arc;

pub(crate) struct FusedStore {
    pub(crate) inner: Arc<Memory>,
    pub(crate) fuse: Arc<Fuse>,
}

fn lost() -> StoreError {
    StoreError::Unavailable {
        message: "the simulated database is away".to_owned(),
        source: None,
    }
}

#[async_trait::async_trait]
impl Store for FusedStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.fuse.call(lost, self.inner.get(key)).await
    }
    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.fuse.call(lost, self.inner.list(query)).await
    }
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        self.fuse.call(lost, self.inner.commit(commit)).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.fuse.call(lost, self.inner.claim(claim)).await
    }
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.fuse
            .call(lost, self.inner.release(key, owner, due))
            .await
    }
    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.inner.changes(after, limit).await
    }
    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.inner.newest_change().await
    }
    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.inner.recall(workspace, token, now).await
    }
    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}
