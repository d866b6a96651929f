//! `expected:` what the owner knows of a job before it has run.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Accelerators, Text};

/// What plans are made on until history knows better. Nothing of it is enforced.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Expected {
    /// Time of the code itself: 90m, 6h.
    pub(crate) run_time: Option<Text>,
    /// Accelerators for which that time holds: A100:8. Other models, and as many of them as the job
    /// asks for, are reckoned by their published throughput; what a machine has beyond that is idle.
    pub(crate) on: Option<Accelerators>,
    /// Work between two checkpoints: 10m. Without one an interruption loses everything.
    pub(crate) checkpoint: Option<Text>,
    /// What the steps that read from this one read: 20GiB.
    pub(crate) output: Option<Text>,
    /// Data it reads that lies in a region of a provider.
    pub(crate) inputs: Vec<DataAt>,
    /// Data it must leave in a region of a provider.
    pub(crate) outputs: Vec<DataAt>,
}

/// Data in a region.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct DataAt {
    /// Provider and region: aws/us-east-1.
    pub(crate) at: Text,
    /// How much: 50GiB.
    pub(crate) size: Text,
}
