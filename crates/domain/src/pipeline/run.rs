//! Runs of pipelines and the states of their steps.

use super::PipelineSpec;
use crate::job::Failure;
use crate::metric::Finite;
use crate::{JobId, Name, RunId, StepPath, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a step that is over gave; expressions of later steps read it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct StepResult {
    /// Model folder's location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Named outputs to locations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// Final metrics.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Finite>,
    /// Content hashes of model and outputs, for the cache of later steps.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
    /// What else a step has to say: `version` of a registration, `answer` of a prediction,
    /// `value` of a condition.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, serde_json::Value>,
}

/// The state of one step, or of one item of a loop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum StepState {
    /// Waits for others.
    Waiting,
    /// Being done; for a job step the job's row has the details.
    Running {
        /// The job, for job steps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// Since when.
        since: Timestamp,
        /// Under which its result is remembered for later runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_key: Option<String>,
        /// The generation of the endpoint that a deployment waits for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generation: Option<u64>,
    },
    /// Done.
    Succeeded {
        /// What it gave.
        result: StepResult,
        /// The job that did it, this run's or the cached one's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// Whether an earlier run's result was taken.
        #[serde(default)]
        cached: bool,
        /// When it began.
        started: Timestamp,
        /// When it ended.
        ended: Timestamp,
    },
    /// Given up.
    Failed {
        /// Why.
        failure: Failure,
        /// The job.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// When.
        ended: Timestamp,
    },
    /// Not done: a condition chose otherwise, or something before it did not succeed.
    Skipped {
        /// Why, in a few words.
        reason: String,
    },
    /// Stopped on request.
    Stopped {
        /// The job.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
    },
}

impl StepState {
    /// One word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running { .. } => "running",
            Self::Succeeded { cached: true, .. } => "cached",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Skipped { .. } => "skipped",
            Self::Stopped { .. } => "stopped",
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running { .. })
    }
}

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunPhase {
    /// Steps are being done.
    Running,
    /// A stop was asked for; running jobs are being stopped.
    Stopping,
    /// All chosen steps succeeded.
    Succeeded,
    /// A step failed.
    Failed,
    /// Stopped on request.
    Stopped,
}

impl RunPhase {
    /// All words of [`Self::word`].
    pub const WORDS: [&str; 5] = ["running", "stopping", "succeeded", "failed", "stopped"];

    /// One word for lists and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// One execution of a pipeline, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Scope.
    pub workspace: Workspace,
    /// What is executed.
    pub spec: Arc<PipelineSpec>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Where it stands.
    pub phase: RunPhase,
    /// State of each step; of each item for a loop, which has no entry under its bare name.
    pub steps: BTreeMap<StepPath, StepState>,
    /// Items of each loop, once they are known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<Name, Vec<serde_json::Value>>,
    /// How often it was resumed; steps that are done again get new jobs.
    #[serde(default)]
    pub resumed: u32,
}
