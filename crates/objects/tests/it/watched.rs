//! A metadata store that misbehaves on demand.

use contracts::store::memory::Memory;
use contracts::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A store whose commits can fail, before or after they happened, and whose lists are counted.
pub struct Watched {
    inner: Memory,
    /// From now on commits answer with an error,
    pub fails: AtomicBool,
    /// although they happen.
    commits: bool,
    /// Rows that lists have returned.
    pub listed: AtomicUsize,
}

impl Watched {
    pub fn new(commits: bool) -> Self {
        Self {
            inner: Memory::new(),
            fails: AtomicBool::new(false),
            commits,
            listed: AtomicUsize::new(0),
        }
    }
}

#[async_trait::async_trait]
impl Store for Watched {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.inner.get(key).await
    }
    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        let page = self.inner.list(query).await?;
        self.listed.fetch_add(page.rows.len(), Ordering::SeqCst);
        Ok(page)
    }
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        if !self.fails.load(Ordering::SeqCst) {
            return self.inner.commit(commit).await;
        }
        if self.commits {
            self.inner.commit(commit).await?;
        }
        Err(StoreError::Unavailable {
            message: "cut".to_owned(),
            source: None,
        })
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.inner.claim(claim).await
    }
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.inner.release(key, owner, due).await
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
