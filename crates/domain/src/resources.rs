//! What a workload needs of a machine.

use crate::ByteSize;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A wanted amount: exactly so much, or at least so much (`4+`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Amount<T> {
    /// Exactly this.
    Exactly(T),
    /// This or more.
    AtLeast(T),
}

impl<T: Copy + PartialOrd> Amount<T> {
    /// The smallest amount that will do.
    pub fn least(&self) -> T {
        match *self {
            Self::Exactly(n) | Self::AtLeast(n) => n,
        }
    }

    /// Whether `have` satisfies the wish.
    pub fn admits(&self, have: T) -> bool {
        match *self {
            Self::Exactly(n) => have == n,
            Self::AtLeast(n) => have >= n,
        }
    }
}

/// What a workload asks for. Everything unset means "no wish".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Resources {
    /// Virtual CPUs in thousandths (`4+` is at least 4,000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milli_cpus: Option<Amount<u32>>,
    /// Main memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Amount<ByteSize>>,
    /// Accelerator model to count, as in `A100: 8`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accelerators: BTreeMap<String, u32>,
    /// A machine type by the provider's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_type: Option<String>,
    /// Scratch disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<ByteSize>,
    /// Machines that run the job together (a gang); 0 and 1 both mean one.
    #[serde(skip_serializing_if = "is_zero")]
    pub nodes: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Hard limits that are enforced on the running process tree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// Resident memory of the whole process tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// CPU bandwidth in thousandths of a CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milli_cpus: Option<u32>,
    /// Processes and threads at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Wall clock of one attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_clock: Option<crate::Span>,
    /// Bytes that the job's folder may hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<ByteSize>,
}
