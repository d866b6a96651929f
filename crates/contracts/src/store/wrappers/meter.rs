//! Counts and times the calls of a store.

use crate::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Gives the time since some fixed instant, never going back.
pub type Stopwatch = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What was measured of one operation since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// `get`, `list`, `commit`, …
    pub operation: &'static str,
    /// Calls that ended.
    pub calls: u64,
    /// Those of them that ended in an error other than [`StoreError::Stale`], which is an
    /// ordinary answer.
    pub failures: u64,
    /// Time of all calls together.
    pub total: Duration,
    /// Time of the longest call.
    pub longest: Duration,
}

#[derive(Debug, Default)]
struct Counter {
    calls: AtomicU64,
    failures: AtomicU64,
    total: AtomicU64,
    longest: AtomicU64,
}

/// The operations in the order of the trait.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Get,
    List,
    Commit,
    Claim,
    Release,
    Changes,
    Recall,
}

const NAMES: [&str; 7] = [
    "get", "list", "commit", "claim", "release", "changes", "recall",
];

/// A store whose calls are counted and timed.
pub struct Meter {
    inner: Arc<dyn Store>,
    stopwatch: Stopwatch,
    counters: [Counter; 7],
}

impl Meter {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn Store>, stopwatch: Stopwatch) -> Self {
        Self {
            inner,
            stopwatch,
            counters: Default::default(),
        }
    }

    /// What was measured so far, an entry for each operation.
    pub fn readings(&self) -> Vec<Reading> {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        NAMES
            .into_iter()
            .zip(&self.counters)
            .map(|(operation, counter)| Reading {
                operation,
                calls: read(&counter.calls),
                failures: read(&counter.failures),
                total: Duration::from_nanos(read(&counter.total)),
                longest: Duration::from_nanos(read(&counter.longest)),
            })
            .collect()
    }

    async fn measure<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let begun = (self.stopwatch)();
        let answer = work.await;
        let taken = (self.stopwatch)().saturating_sub(begun);
        let taken = u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX);
        let counter = &self.counters[operation as usize];
        counter.calls.fetch_add(1, Ordering::Relaxed);
        counter.total.fetch_add(taken, Ordering::Relaxed);
        counter.longest.fetch_max(taken, Ordering::Relaxed);
        if !matches!(answer, Ok(_) | Err(StoreError::Stale(_))) {
            counter.failures.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }
}

#[async_trait::async_trait]
impl Store for Meter {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.measure(Operation::Get, self.inner.get(key)).await
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.measure(Operation::List, self.inner.list(query)).await
    }

    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        self.measure(Operation::Commit, self.inner.commit(commit))
            .await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.measure(Operation::Claim, self.inner.claim(claim))
            .await
    }

    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.measure(Operation::Release, self.inner.release(key, owner, due))
            .await
    }

    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.measure(Operation::Changes, self.inner.changes(after, limit))
            .await
    }

    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.measure(Operation::Changes, self.inner.newest_change())
            .await
    }

    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.measure(Operation::Recall, self.inner.recall(workspace, token, now))
            .await
    }

    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}
