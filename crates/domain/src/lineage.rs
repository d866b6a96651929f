//! Where a thing comes from: the job, code, data and environment that made it.

use crate::environment::Environment;
use crate::{JobId, RunId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The origin of a model version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Lineage {
    /// The job that left the artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// The run it was a step of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Content hash of the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<String>,
    /// Channel to the locations that were read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Vec<String>>,
    /// Hyperparameters of the job.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hyperparameters: BTreeMap<String, String>,
    /// What it ran in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
}
