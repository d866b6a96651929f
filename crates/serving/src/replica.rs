//! The seam between routing and whatever computes predictions.
//!
//! A launcher makes replicas, a replica answers calls. Pools, queues, rollouts and figures know
//! nothing else, so a fork server, a native predictor or a remote one plugs in here.

use crate::call::{Answer, Call};
use crate::error::Fault;
use crate::native::Comparison;
use crate::spec::{DeploymentSpec, EndpointKey, Limits};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Makes replicas.
#[async_trait::async_trait]
pub trait ReplicaLauncher: Send + Sync {
    /// Starts one replica and completes when it can answer. Dropping the future leaves nothing
    /// behind. The launcher enforces [`crate::Timing::start`].
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError>;

    /// No replica of this deployment is wanted for now: what can be made again when one is may go.
    fn rest(&self, _deployment: &Arc<DeploymentSpec>) {}

    /// No further replica of this deployment will be asked for: what was kept ready for it may go.
    fn forget(&self, _deployment: &Arc<DeploymentSpec>) {}
}

/// Answers calls until it is gone. Dropping the last reference ends it at once.
#[async_trait::async_trait]
pub trait Replica: Send + Sync {
    /// What is known of it since its start.
    fn facts(&self) -> &Facts;

    /// Answers one call. Dropping the future gives the call up; a replica that cannot stop
    /// computing then counts as hung and is stopped by its pool.
    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError>;

    /// Answers a call where it is asked, without waiting for anything, where that is cheaper than
    /// to be waited for; none leaves it to [`Self::invoke`].
    fn at_once(&self, _call: &Call) -> Option<Answer> {
        None
    }

    /// How many calls it takes at the moment besides those of [`Facts::concurrency`]: one that is
    /// computed so fast that a call waits here no longer than in a queue is not left without work
    /// between two. Each still comes after those before it.
    fn ahead(&self) -> usize {
        0
    }

    /// Whether it ends a call by itself that takes longer than [`crate::Timing::call`], because it
    /// knows when it began with it: [`ReplicaError::Hung`].
    fn keeps_time(&self) -> bool {
        false
    }

    /// Answers several calls, in their order, each as it would have been answered alone. One that
    /// says [`Joins::Rows`] computes them together.
    async fn invoke_many(&self, calls: &[Call]) -> Vec<Result<Answer, ReplicaError>> {
        let mut answers = Vec::with_capacity(calls.len());
        for call in calls {
            answers.push(self.invoke(call).await);
        }
        answers
    }

    /// What it computed together so far.
    fn batches(&self) -> Batches {
        Batches::default()
    }

    /// Completes when it can answer no more, whoever wanted that.
    async fn gone(&self) -> Departure;

    /// Ends it: asked first, killed after `grace`; completes when nothing is left of it.
    async fn stop(&self, grace: Duration);
}

/// What was computed together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Batches {
    /// How often.
    pub batches: u64,
    /// How many calls.
    pub calls: u64,
}

/// Which replica to make.
#[derive(Debug, Clone)]
pub struct LaunchOrder {
    /// For which endpoint.
    pub endpoint: EndpointKey,
    /// For which deployment.
    pub deployment: Arc<DeploymentSpec>,
    /// Counts launches of the deployment, from 1; for logs.
    pub number: u64,
    /// Sizes of bodies.
    pub limits: Limits,
    /// What the facts of a Python worker say of its being one.
    pub engine: Engine,
}

/// What a replica says of itself when it is ready.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// The handler form that was recognised: `sagemaker`, `azure`, `predict`, `saved`, …
    pub form: String,
    /// What it runs on, such as `python 3.11.7`.
    pub runtime: String,
    /// How long code and model took to load.
    pub load: Duration,
    /// Its process, if it is one.
    pub process: Option<u32>,
    /// How it came to be.
    pub birth: Birth,
    /// How many calls it takes at a time, at least 1.
    pub concurrency: usize,
    /// Whether calls may be answered together.
    pub joins: Joins,
    /// What is known of the model's inputs and answer.
    pub signature: Option<Signature>,
    /// What computes.
    pub engine: Engine,
    /// What of its isolation this machine did not allow, in words.
    pub lacks: Vec<String>,
}

/// What computes the predictions of a replica.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// A Python worker, and why it is not this process, when that was asked.
    Python(Option<String>),
    /// This process.
    Native {
        /// The estimator's class.
        family: String,
        /// How it was compared with Python.
        comparison: Comparison,
    },
}

/// Whether a replica computes several calls together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Joins {
    /// Each alone.
    #[default]
    Never,
    /// Their rows in one prediction.
    Rows,
}

/// How a replica came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Birth {
    /// It loaded code and model itself.
    Fresh,
    /// So too, because its template must not be forked, for this reason.
    FreshBecause(String),
    /// It was forked from a process that had loaded them or, where there is one replica at most,
    /// that had imported what they need.
    Forked,
}

/// What a fitted model says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Number of features of a row.
    pub features: u32,
    /// Their names, when it was trained with names.
    #[serde(default)]
    pub names: Option<Vec<String>>,
    /// Element type of the answer in the Open Inference Protocol's words.
    pub output: String,
}

/// How a replica ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// `exit code 3`, `signal 9 (SIGKILL)`, `stopped`.
    pub how: String,
    /// The last lines it wrote to standard error, if any.
    pub last_words: String,
    /// Whether it was ended because it had used up its memory: another one would be too.
    pub memory_used_up: bool,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.how)?;
        if !self.last_words.is_empty() {
            write!(f, "; its last words: {}", self.last_words)?;
        }
        Ok(())
    }
}

/// Why a call was not answered by its replica.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// The request is wrong: 400, 406 or 415.
    #[error("{message}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// Why.
        message: String,
    },
    /// User code raised.
    #[error("{0}")]
    Fault(Box<Fault>),
    /// The answer exceeds the limit.
    #[error("the answer has {bytes} bytes; the limit is {most}")]
    TooLarge {
        /// Size of the answer.
        bytes: u64,
        /// The limit.
        most: usize,
    },
    /// The call took longer than it may; the replica must be stopped.
    #[error("the call took longer than it may")]
    Hung,
    /// The replica is no more.
    #[error("the replica is gone: {departure}")]
    Gone {
        /// How it ended.
        departure: Departure,
        /// Whether user code may have seen the call.
        reached: Reached,
    },
}

/// Whether user code may have seen a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// Certainly not: making the call again is safe.
    No,
    /// Perhaps.
    Perhaps,
}

/// Why a replica could not be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// Code or model cannot be used.
    #[error("{0}")]
    Fault(Box<Fault>),
    /// It ended before it was ready.
    #[error("the replica ended while loading: {0}")]
    Ended(Departure),
    /// It was not ready in time.
    #[error("the replica was not ready within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The machine did not let us.
    #[error("{what}: {why}")]
    Machine {
        /// What was being done.
        what: String,
        /// The system's reason.
        why: String,
    },
}
