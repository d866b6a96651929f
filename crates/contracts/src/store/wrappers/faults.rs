//! Faults on purpose, by a schedule that is the same in every run: for simulations and for tests
//! of those who use a store.

use crate::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Through,
    /// It fails and was not done.
    Undone,
    /// It was done, but its caller is told that it failed: the answer got lost.
    Unanswered,
}

/// Which calls fail. Calls are counted from 0; waiting for changes is not a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// None.
    Never,
    /// Each by chance of its own, from a seed.
    Seeded {
        /// The seed: the same one gives the same faults.
        seed: u64,
        /// How many of 1,000 calls are not done.
        undone: u16,
        /// How many of 1,000 calls are done and not answered.
        unanswered: u16,
    },
    /// One of them.
    Once {
        /// Which.
        call: u64,
        /// How.
        fate: Fate,
    },
    /// One of them and all after it, which are not done: what the caller's crash looks like to
    /// the store.
    Crash {
        /// Which.
        call: u64,
        /// How that one fails.
        fate: Fate,
    },
}

impl Schedule {
    /// What happens to a call.
    pub fn fate(self, call: u64) -> Fate {
        match self {
            Self::Once { call: only, fate } | Self::Crash { call: only, fate } if call == only => {
                fate
            }
            Self::Crash { call: first, .. } if call > first => Fate::Undone,
            Self::Seeded {
                seed,
                undone,
                unanswered,
            } => {
                let draw = mix(seed ^ mix(call)) % 1_000;
                let undone = u64::from(undone);
                match draw {
                    draw if draw < undone => Fate::Undone,
                    draw if draw < undone + u64::from(unanswered) => Fate::Unanswered,
                    _ => Fate::Through,
                }
            }
            _ => Fate::Through,
        }
    }
}

/// One step of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A store whose calls fail by a schedule.
pub struct Faults {
    inner: Arc<dyn Store>,
    schedule: Schedule,
    calls: AtomicU64,
}

impl Faults {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn Store>, schedule: Schedule) -> Self {
        Self {
            inner,
            schedule,
            calls: AtomicU64::new(0),
        }
    }

    /// How many calls there were; a run without faults tells how many there are to break.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    async fn call<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let lost = |how: &str| StoreError::Unavailable {
            message: format!("call {call} (`{name}`) {how} on purpose"),
            source: None,
        };
        match self.schedule.fate(call) {
            Fate::Through => work.await,
            Fate::Undone => Err(lost("was not done")),
            Fate::Unanswered => {
                work.await?;
                Err(lost("was done and not answered"))
            }
        }
    }
}

#[async_trait::async_trait]
impl Store for Faults {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.call("get", self.inner.get(key)).await
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.call("list", self.inner.list(query)).await
    }

    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        self.call("commit", self.inner.commit(commit)).await
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.call("claim", self.inner.claim(claim)).await
    }

    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.call("release", self.inner.release(key, owner, due))
            .await
    }

    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.call("changes", self.inner.changes(after, limit)).await
    }

    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.call("newest change", self.inner.newest_change()).await
    }

    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.call("recall", self.inner.recall(workspace, token, now))
            .await
    }

    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}
