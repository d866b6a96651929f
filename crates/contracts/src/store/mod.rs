//! Where state is kept: rows with optimistic revisions, one sequence of events, leases.
//!
//! A row is a resource of the domain as JSON, with the few columns beside it that are asked for:
//! parent, phase, labels, and when a reconciler should look at it next. Telemetry that grows
//! without bound (metric series, log lines) is not kept here; see [`crate::telemetry`].

mod body;
pub mod check;
pub mod conformance;
pub mod cursor;
pub mod memory;
pub mod wrappers;

pub use body::Body;

use domain::audit::{Actor, Event};
use domain::{Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kinds of rows. A kind is a word such as `job`; each has one JSON form.
pub type Kind = &'static str;

/// The address of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Kind of the resource.
    pub kind: String,
    /// Scope.
    pub workspace: Workspace,
    /// Its id, unique in kind and workspace; any text of at most 1,400 bytes (an object's bucket
    /// and key are one).
    pub id: String,
}

impl Key {
    /// The address of `id`.
    pub fn new(kind: Kind, workspace: &Workspace, id: impl ToString) -> Self {
        Self {
            kind: kind.to_owned(),
            workspace: workspace.clone(),
            id: id.to_string(),
        }
    }
}

/// A row as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// Its address.
    pub key: Key,
    /// What it belongs to (a job's run, a version's model); indexed.
    pub parent: Option<String>,
    /// One word for filters (`running`, `ready`); indexed.
    pub phase: String,
    /// Labels that lists can be filtered by.
    pub labels: BTreeMap<String, String>,
    /// When a reconciler should look at it next; `None` when it has come to rest.
    pub due: Option<Timestamp>,
    /// The resource.
    pub body: Body,
}

/// A row as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What was written.
    pub row: NewRow,
    /// Counts the writes of this row, from 1.
    pub revision: i64,
    /// When it was first written.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// By id, bytewise ascending (the C collation on every database).
    #[default]
    Id,
    /// The newest first: by creation time descending, then id descending.
    Newest,
}

/// Which rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// Kind of the resource.
    pub kind: String,
    /// Scope; `None` for all (reconcilers and administrators).
    pub workspace: Option<Workspace>,
    /// Only those of this parent.
    pub parent: Option<String>,
    /// Only these phases; empty for all.
    pub phases: Vec<String>,
    /// Only those with all of these labels.
    pub labels: BTreeMap<String, String>,
    /// Only ids that begin so; compared by bytes, never as a pattern.
    pub prefix: Option<String>,
    /// Order.
    pub order: Order,
    /// Only what comes after this token of an earlier page.
    pub after: Option<String>,
    /// With [`Order::Id`]: only ids greater than this. For listings that skip whole subtrees.
    pub after_id: Option<String>,
    /// At most so many, 1 to 1,000; 0 means 100.
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// For [`Query::after`] of the next page; `None` when this was the last.
    pub next: Option<String>,
}

/// What must be true of a row for a commit to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// It does not exist.
    Absent(Key),
    /// It has exactly this revision.
    Revision(Key, i64),
}

/// An event to be written; the store numbers it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Whose.
    pub key: Key,
    /// What happened, as a verb in the past.
    pub action: String,
    /// By whom.
    pub actor: Actor,
    /// Facts, small.
    pub detail: serde_json::Value,
}

/// The remembered answer of a request, so that its repetition gets the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Idempotency {
    /// Scope.
    pub workspace: Workspace,
    /// The caller's token.
    pub token: String,
    /// Hash of the request; the same token with another hash is a conflict for the caller.
    pub fingerprint: String,
    /// The answer.
    pub answer: serde_json::Value,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

/// All or nothing: expectations, rows, deletions, events and the idempotency record.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// When, for the rows' and events' times.
    pub now: Timestamp,
    /// What must be true.
    pub expect: Vec<Expect>,
    /// Rows to insert or replace. A written row loses its lease.
    pub put: Vec<NewRow>,
    /// Rows to delete; one that is not there is no error.
    pub delete: Vec<Key>,
    /// What to write down.
    pub events: Vec<NewEvent>,
    /// The answer to remember. Its token existing already fails the commit with
    /// [`StoreError::Stale`].
    pub idempotency: Option<Idempotency>,
    /// What a power cut may undo.
    pub durability: Durability,
}

/// What a power cut may undo of a commit that was answered. A crash of the process alone never
/// undoes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Nothing.
    #[default]
    Lasting,
    /// All of it, as long as nothing lasting was committed after it. For what was only observed and
    /// would be observed again; it has no events, whose numbers are never given twice, and no
    /// answer to remember.
    Passing,
}

/// Which due rows to lease.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Of these kinds; empty for all.
    pub kinds: Vec<String>,
    /// Only these ids when not empty (a hint); they need not be due.
    pub ids: Vec<Key>,
    /// Who asks: unique for each server process.
    pub owner: String,
    /// Now.
    pub now: Timestamp,
    /// For how long.
    pub lease: Span,
    /// At most so many.
    pub limit: u32,
}

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An expectation was not met; read again and decide again.
    #[error("`{0}` was changed by somebody else in the meantime")]
    Stale(String),
    /// The request breaks a rule of this contract.
    #[error("{0}")]
    Invalid(String),
    /// The database has a newer or damaged form.
    #[error("{0}")]
    Incompatible(String),
    /// The disk or the database has no room or may not be written.
    #[error("{0}")]
    Full(String),
    /// The database cannot be had right now.
    #[error("the database cannot be had: {message}")]
    Unavailable {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Where state is kept. Cheap to clone behind an `Arc`; safe for several servers at once.
#[async_trait::async_trait]
pub trait Store: Send + Sync {
    /// The row, if it exists.
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError>;

    /// A page of rows.
    async fn list(&self, query: &Query) -> Result<Page, StoreError>;

    /// Does all of the commit or nothing; returns the sequence number of its last event (or the
    /// current one when it has none).
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError>;

    /// Leases due rows (`due <= now`, no living lease), the longest due first. A lease is lost by
    /// a write to the row or by time. Two owners never hold one row at once.
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError>;

    /// Gives a lease back without a write and sets when the row is due next.
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Events after `sequence`, in order, at most `limit`. A commit that is not finished yet
    /// never appears later with a smaller number than one that was already returned.
    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// The number of the newest event; 0 before the first.
    async fn newest_change(&self) -> Result<i64, StoreError>;

    /// The remembered answer of a token.
    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError>;

    /// Completes when there may be changes after `sequence`, made by any server; may complete
    /// too often. Never an error: a store that lost its connection completes.
    async fn changed_since(&self, sequence: i64);
}
