//! Tries again what failed because the database could not be had for a moment.

use crate::store::{Claim, Commit, Expect, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How often and how fast to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in all, the first included; 0 counts as 1.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles from there.
    pub pause: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for Patience {
    /// Five attempts within about a second and a half: a database that restarts.
    fn default() -> Self {
        Self {
            attempts: 5,
            pause: Duration::from_millis(100),
            longest: Duration::from_secs(2),
        }
    }
}

/// A store that tries again after [`StoreError::Unavailable`].
///
/// A commit whose answer got lost may have been kept, so one is tried again only when it cannot
/// be done twice: when it remembers an answer, or expects something of a row that it writes.
/// When the lost attempt had been kept, the caller is told [`StoreError::Stale`] and finds its
/// own work when it reads again.
pub struct Retry {
    inner: Arc<dyn Store>,
    patience: Patience,
}

impl Retry {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn Store>, patience: Patience) -> Self {
        Self { inner, patience }
    }

    async fn again<T, F>(&self, attempt: impl Fn() -> F + Send) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>> + Send,
        T: Send,
    {
        let mut pause = self.patience.pause;
        for _ in 1..self.patience.attempts {
            match attempt().await {
                Err(StoreError::Unavailable { message, .. }) => {
                    tracing::debug!(message, ?pause, "trying again");
                }
                answer => return answer,
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(self.patience.longest);
        }
        attempt().await
    }
}

/// Whether doing a commit twice is impossible.
fn repeatable(commit: &Commit) -> bool {
    let written =
        |key: &Key| commit.put.iter().any(|row| row.key == *key) || commit.delete.contains(key);
    commit.idempotency.is_some()
        || commit.expect.iter().any(|expect| match expect {
            Expect::Revision(key, _) => written(key),
            Expect::Absent(key) => commit.put.iter().any(|row| row.key == *key),
        })
}

#[async_trait::async_trait]
impl Store for Retry {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.again(|| self.inner.get(key)).await
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.again(|| self.inner.list(query)).await
    }

    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        if repeatable(&commit) {
            self.again(|| self.inner.commit(commit.clone())).await
        } else {
            self.inner.commit(commit).await
        }
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.again(|| self.inner.claim(claim)).await
    }

    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.again(|| self.inner.release(key, owner, due)).await
    }

    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.again(|| self.inner.changes(after, limit)).await
    }

    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.again(|| self.inner.newest_change()).await
    }

    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.again(|| self.inner.recall(workspace, token, now))
            .await
    }

    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}
