//! `resources:` (what a job needs of a machine) and `limits:` (what it may not exceed).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Text;

/// What the job needs. Everything left out means no wish.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Resources {
    /// Virtual CPUs: 4, 0.5, or 4+ for at least four.
    pub(crate) cpus: Option<Text>,
    /// Main memory: 16GiB, or 16GiB+ for at least that.
    pub(crate) memory: Option<Text>,
    /// Accelerators: {A100: 8}, or A100:8.
    pub(crate) accelerators: Option<Accelerators>,
    /// A machine type by the provider's own name, such as ml.m5.large.
    pub(crate) instance_type: Option<Text>,
    /// Scratch disk: 50GiB.
    pub(crate) disk: Option<Text>,
    /// Machines that run the job together.
    pub(crate) nodes: Option<Text>,
}

/// Accelerators by model.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(crate) enum Accelerators {
    /// `A100` or `A100:8`.
    Short(Text),
    /// Model to count.
    Map(BTreeMap<String, Text>),
}

/// Limits that are enforced on the running processes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Limits {
    /// Memory of all processes together: 2GiB.
    pub(crate) memory: Option<Text>,
    /// CPUs: 2, or 0.5.
    pub(crate) cpus: Option<Text>,
    /// Processes and threads at once.
    pub(crate) processes: Option<Text>,
    /// Wall clock of one attempt: 1h.
    pub(crate) wall_clock: Option<Text>,
    /// Bytes in the job's folder: 10GiB.
    pub(crate) disk: Option<Text>,
}
