//! What runs workloads: this machine, a cluster, a cloud.
//!
//! Four laws (DESIGN §4): the ticket is stored before a backend hears of it; a result is learned
//! only by observing; an activation takes no input; orphans are swept by listing here first.

use domain::job::{Exit, JobSpec, Placement};
use domain::metric::Metric;
use domain::{JobId, Span, TicketId, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file of an input, as the backend can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFile {
    /// Where it goes, relative to the channel's folder; `/` separates, never `..`.
    pub path: String,
    /// Where its bytes are on this machine. Never written to.
    pub source: PathBuf,
    /// Length in bytes.
    pub bytes: u64,
}

/// A workload as a backend is handed it: everything resolved, nothing left to look up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The job it is an attempt of.
    pub job: JobId,
    /// Its scope.
    pub workspace: Workspace,
    /// What to do; no expressions left.
    pub spec: JobSpec,
    /// The code archive's bytes on this machine.
    pub code: Option<PathBuf>,
    /// Channel to files.
    pub inputs: BTreeMap<String, Vec<StagedFile>>,
    /// Further variables: the server's address, the run's id.
    pub env: BTreeMap<String, String>,
}

/// What a backend cannot do for a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// Which demand: `image`, `accelerators`, …
    pub demand: String,
    /// Why, and what to do.
    pub reason: String,
}

/// How the reconciler should go on after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// The same again, later.
    RetryHere {
        /// How much later.
        after: Span,
    },
    /// Another offer.
    PlanElsewhere,
    /// No further attempt will help.
    GiveUp,
}

/// A backend's error.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BackendError {
    /// For people: what, where, what to do.
    pub message: String,
    /// For the reconciler.
    pub advice: Advice,
    /// For the log.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What is seen of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Observation {
    /// Nothing of that ticket is there.
    Absent,
    /// It exists and user code has not begun.
    Preparing {
        /// `queue`, `environment`, `inputs`.
        step: String,
    },
    /// User code runs.
    Running {
        /// Since when.
        since: Timestamp,
    },
    /// It ended and left this record.
    Exited {
        /// The record.
        exit: Exit,
    },
    /// It was there and is gone without a record: a reboot, capacity taken back.
    Lost {
        /// What is known.
        reason: String,
    },
}

/// The answer to a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing is left.
    Gone,
    /// Ask again.
    Pending,
}

/// A place that runs workloads.
#[async_trait::async_trait]
pub trait Backend: Send + Sync {
    /// Why this workload cannot run there; empty means it can. Pure: the planner may ask.
    fn refuses(&self, spec: &JobSpec) -> Vec<Unsupported>;

    /// Makes the workload exist. The same ticket never starts a second one, not even after it
    /// ended.
    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        at: &Placement,
    ) -> Result<(), BackendError>;

    /// Many at once, in order; absence is an observation, not an error.
    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError>;

    /// Asks the workload to end: SIGTERM, the grace period of its spec, SIGKILL, for the whole
    /// tree. Absent or ended ones are no error.
    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError>;

    /// Clears everything of the ticket away, killing what still runs.
    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError>;

    /// All tickets of this installation, for the orphan sweep.
    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError>;

    /// Completes when the observation of any ticket may have changed since the call before; may
    /// complete too often.
    async fn changed(&self);
}

/// A line of a job's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was printed.
    pub at: Timestamp,
    /// `out`, `err`, or `system` for what Tradewind says itself.
    pub stream: String,
    /// Without the line end; invalid UTF-8 is replaced.
    pub text: String,
    /// Where reading goes on after this line, on the scale of [`LogChunk::next`]; a reader that
    /// stopped here asks with it and never sees the line twice, whoever answers.
    #[serde(default)]
    pub next: u64,
}

/// A piece of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogChunk {
    /// Lines in order.
    pub lines: Vec<LogLine>,
    /// Where to read on; opaque to callers but never smaller than before.
    pub next: u64,
}

/// What a running or ended workload leaves to be read: its log, its metrics, its files. Present
/// until the ticket is removed.
#[async_trait::async_trait]
pub trait Remains: Send + Sync {
    /// Log lines from `offset` on, at most about `limit` bytes. An absent ticket gives an empty
    /// chunk.
    async fn log(
        &self,
        ticket: &TicketId,
        offset: u64,
        limit: usize,
    ) -> Result<LogChunk, BackendError>;

    /// Metrics from position `from` on, counted from 0.
    async fn metrics(&self, ticket: &TicketId, from: u64) -> Result<Vec<Metric>, BackendError>;

    /// Files of the model folder and of each named output (`output` is the common one), once the
    /// workload has ended well.
    async fn outputs(&self, ticket: &TicketId) -> Result<Vec<OutputFolder>, BackendError>;

    /// Files of the checkpoints' folder as they are now: while the workload runs those that are
    /// not being written, once it has ended all of them, however it ended. Of a workload without
    /// checkpoints, none.
    async fn checkpoints(&self, ticket: &TicketId) -> Result<Vec<Checkpoint>, BackendError>;

    /// What each ticket's processes have used so far, in order; none where user code does not run,
    /// and where the place tells it only at the end.
    async fn used(&self, tickets: &[TicketId]) -> Result<Vec<Option<Used>>, BackendError> {
        Ok(vec![None; tickets.len()])
    }
}

/// A file of a workload's checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The file, with its path relative to the checkpoints' folder.
    pub file: StagedFile,
    /// When it was last written.
    pub modified: Timestamp,
}

/// What a running workload has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// CPU time of its processes since user code began.
    pub cpu: Span,
    /// Memory that they hold now, in bytes.
    pub memory: u64,
    /// Processors of the machine that they run on.
    pub processors: u32,
}

/// One folder that a workload left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFolder {
    /// `model`, `output`, or the output's name.
    pub name: String,
    /// Files with their paths relative to the folder.
    pub files: Vec<StagedFile>,
    /// SHA-256 over names and contents, hexadecimal.
    pub content_hash: String,
}

/// A place with all that it can do; a capability that is missing is `None`.
#[derive(Clone)]
pub struct Provider {
    /// `local`, `kubernetes`, `slurm`, `aws`, `google`, `azure`.
    pub name: String,
    /// Runs workloads.
    pub backend: std::sync::Arc<dyn Backend>,
    /// Lets their remains be read.
    pub remains: Option<std::sync::Arc<dyn Remains>>,
}
