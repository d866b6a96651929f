//! What the owner of a workload expects of it before it has run: its time, its data, its
//! checkpoints. Plans are made on it until history knows better; nothing of it is enforced.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ByteSize, Span};

/// Expectations. Everything unset means "not known".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Expected {
    /// Time of the user code on the machine that `on` names, on any when it names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_time: Option<Span>,
    /// Accelerators, by model, for which the time holds; other models, and as many of them as the
    /// job asks for, are reckoned by their published throughput. At most one model.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<String, u32>,
    /// Work between two checkpoints; unset means that an interruption loses everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Span>,
    /// What the steps that read from it read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<ByteSize>,
    /// Data it reads that lies at a provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<DataAt>,
    /// Data it must leave at a provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<DataAt>,
}

/// Data at a region of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DataAt {
    /// The provider.
    pub provider: String,
    /// Its code of the region.
    pub region: String,
    /// How much.
    pub size: ByteSize,
}

impl Expected {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
