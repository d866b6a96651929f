//! What can be had, where, and for how much: the rows that every plan chooses from.
//!
//! An [`Offer`] is one row in words; an [`OfferTable`] holds a hundred thousand of them in columns,
//! so that the planner scans prices without touching strings.

mod table;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::money::Money;
use crate::policy::PurchaseKind;

pub use table::{
    MachineId, OfferColumns, OfferRef, OfferTable, OfferTableBuilder, RegionId, ServiceRate,
    SourceId, TableError,
};

/// The service name under which a bare machine is bought, without a managed service on top.
pub const RAW_MACHINE: &str = "machine";

/// Processor architecture of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// Intel and AMD 64 bit, `amd64` in container words.
    X86_64,
    /// ARM 64 bit, `aarch64`.
    Arm64,
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

/// The accelerators of one machine: all of one model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Accelerator {
    /// Canonical model name, `H100`, `A100-80GB`, `T4`, `TPU-V5E`.
    pub model: Arc<str>,
    /// Thousandths of a device: 8,000 is eight, 167 the sixth of one that some clouds sell.
    pub count_milli: u32,
    /// Memory of one whole device in bytes; zero when it is not known.
    pub memory_bytes: u64,
}

impl Accelerator {
    /// Memory over all devices of the machine in bytes; zero when it is not known.
    pub const fn total_memory_bytes(&self) -> u64 {
        (self.memory_bytes as u128 * self.count_milli as u128 / 1000) as u64
    }
}

impl fmt::Display for Accelerator {
    /// Writes `8 H100`, `0.167 A10`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}",
            f64::from(self.count_milli) / 1000.0,
            self.model
        )
    }
}

/// What a machine type is, apart from where it is and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Machine {
    /// The place that sells it, as named in the configuration.
    pub provider: Arc<str>,
    /// The provider's own type name.
    pub name: Arc<str>,
    /// Thousandths of a virtual processor.
    pub vcpus_milli: u32,
    /// Main memory in bytes.
    pub memory_bytes: u64,
    /// Processor architecture.
    pub architecture: Architecture,
    /// Accelerators, if it has any.
    pub accelerator: Option<Accelerator>,
}

/// How an offer is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purchase {
    /// At list price, for as long as it runs.
    OnDemand,
    /// Cheaper, may be taken away at short notice.
    Spot,
    /// Committed for one year, no upfront payment.
    CommittedOneYear,
    /// Committed for three years, no upfront payment.
    CommittedThreeYears,
}

impl Purchase {
    /// All kinds, in the order of the table's price columns.
    pub const ALL: [Self; 4] = [
        Self::OnDemand,
        Self::Spot,
        Self::CommittedOneYear,
        Self::CommittedThreeYears,
    ];

    /// The kind that a workload's policy names.
    pub const fn kind(self) -> PurchaseKind {
        match self {
            Self::OnDemand => PurchaseKind::OnDemand,
            Self::Spot => PurchaseKind::Spot,
            Self::CommittedOneYear | Self::CommittedThreeYears => PurchaseKind::Committed,
        }
    }

    /// Position in [`Purchase::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Purchase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OnDemand => "on demand",
            Self::Spot => "spot",
            Self::CommittedOneYear => "committed one year",
            Self::CommittedThreeYears => "committed three years",
        })
    }
}

/// How far a figure can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exactness {
    /// Taken over from the seller's published list.
    Exact,
    /// Derived or scaled from other figures; the source says how.
    Estimated,
}

/// Where a group of figures comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Short name, such as `aws-list-2024-04`.
    pub name: Arc<str>,
    /// One sentence: what it is and how it was derived.
    pub note: Arc<str>,
    /// The day for which the figures hold.
    pub as_of: Day,
    /// Whether the figures are list prices or estimates.
    pub exactness: Exactness,
}

/// A price with its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// US dollars for one hour of the whole machine.
    pub per_hour: Money,
    /// Whether it is a list price or an estimate.
    pub exactness: Exactness,
    /// Index of its source in the table.
    pub source: SourceId,
}

/// One row: a machine in one zone with its prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub machine: Machine,
    /// The provider's region code.
    pub region: Arc<str>,
    /// The provider's zone code; empty when the price holds for the whole region.
    pub zone: Arc<str>,
    /// Dollars an hour for each kind of [`Purchase::ALL`]; `None` when it is not sold that way.
    pub prices: [Option<Money>; 4],
    /// Sources of those prices, in the same order; ignored where there is no price.
    pub sources: [SourceId; 4],
    /// Upper edge of the monthly interruption band of spot machines, in per cent.
    pub interruption_percent: Option<u8>,
}
