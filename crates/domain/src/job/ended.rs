//! How attempts and jobs end, and what they leave.

use crate::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the running process tree used.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(default)]
pub struct Usage {
    /// CPU time of all processes.
    pub cpu: Span,
    /// Peak resident memory of the tree, in bytes.
    pub peak_memory: u64,
    /// From the first line of user code to the exit.
    pub wall: Span,
}

/// Which limit a job broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenLimit {
    /// Resident memory.
    Memory,
    /// Wall clock.
    WallClock,
    /// Number of processes.
    Processes,
    /// Bytes in its folder, or the machine's disk is full.
    Disk,
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// User code ended with an error.
    UserCode,
    /// A limit was broken.
    Limit(BrokenLimit),
    /// The environment could not be made.
    Environment,
    /// An input could not be had.
    Input,
    /// An output could not be kept.
    Output,
    /// The place that ran it lost it: a reboot, a killed supervisor, capacity taken back.
    Lost,
    /// No place may take it.
    Unplaceable,
    /// The provider refused it.
    Provider,
}

impl FailureKind {
    /// Whether another attempt of the same thing could end otherwise.
    pub fn may_be_retried(&self) -> bool {
        !matches!(self, Self::Unplaceable)
    }
}

/// A failure as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// Of which kind.
    pub kind: FailureKind,
    /// One paragraph: what, where, what to do.
    pub message: String,
    /// File of the user's code that raised, relative to the code folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in that file, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Exit code of the process, when it ended by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// The user code ended well.
    Completed,
    /// It did not.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It was stopped on request.
    Stopped,
}

/// The record of an attempt that has ended, as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Exit {
    /// How.
    pub ending: Ending,
    /// When user code began; unset when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// What it used.
    #[serde(default)]
    pub usage: Usage,
    /// Things to know that are no failures: a nearest version taken, log lines dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What a job left behind in the object store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Artifacts {
    /// The model folder's prefix (`s3://…/model/`); unset when the job left no model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Named outputs to their prefixes; `output` is the common output folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// SHA-256 over names and contents per artifact (`model` or the output's name).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
    /// Bytes in all.
    pub bytes: u64,
}

/// The end of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// Done; its artifacts are kept.
    Succeeded {
        /// What it left.
        artifacts: Artifacts,
    },
    /// Given up.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Stopped on request.
    Stopped,
}
