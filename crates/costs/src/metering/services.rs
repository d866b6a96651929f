//! What runs without an end: endpoints, functions and buckets. Whoever watches them adds what was
//! used to a [`Window`] of some minutes; a window that is over becomes lines of the ledger once,
//! however often it is handed in.
//!
//! A thing has a line for each of its meters, and the machine one for what nobody used: over any
//! time, the lines' costs add up to what the machine cost, when [`Rates::machine_hour`] is set.

mod window;

pub use window::{Used, Window};

use super::Rates;
use crate::amount::Amount;
use serde::{Deserialize, Serialize};

/// Objects that nobody changed for so many days are metered as old.
pub const OLD_DAYS: i64 = 90;

/// What is metered by windows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// A deployment of an endpoint.
    Endpoint,
    /// A function.
    Function,
    /// A bucket.
    Storage,
}

impl Service {
    /// Its `ServiceName`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "Endpoints",
            Self::Function => "Functions",
            Self::Storage => "Object storage",
        }
    }

    const fn category(self) -> &'static str {
        match self {
            Self::Endpoint => "AI and Machine Learning",
            Self::Function => "Compute",
            Self::Storage => "Storage",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Function => "function",
            Self::Storage => "bucket",
        }
    }
}

/// A thing that is metered.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Thing {
    /// Which service.
    pub service: Service,
    /// Scope.
    pub workspace: String,
    /// Its name there.
    pub name: String,
    /// The deployment of an endpoint; empty for others.
    #[serde(default)]
    pub part: String,
}

impl Thing {
    /// Its `ResourceId`: `endpoint/WORKSPACE/NAME/DEPLOYMENT`.
    pub fn resource(&self) -> String {
        let kind = self.service.kind();
        let mut id = format!("{kind}/{}/{}", self.workspace, self.name);
        if !self.part.is_empty() {
            id.push('/');
            id.push_str(&self.part);
        }
        id
    }
}

/// Workspace, name and deployment of a `ResourceId` that [`Thing::resource`] made.
pub fn place(resource: &str) -> Option<(String, String, String)> {
    let mut parts = resource.split('/');
    let kind = parts.next()?;
    if !["endpoint", "function", "bucket"].contains(&kind) {
        return None;
    }
    let (workspace, name) = (parts.next()?, parts.next()?);
    let part = parts.next().unwrap_or("");
    Some((workspace.to_owned(), name.to_owned(), part.to_owned()))
}

/// What is counted of a thing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Meter {
    /// CPU time of its processes, in hours.
    Cpu,
    /// Their memory, in GiB-hours.
    Memory,
    /// Replicas or instances that were there, in hours.
    Replicas,
    /// Time in which they computed for requests, in hours.
    Busy,
    /// Requests.
    Requests,
    /// Bytes of objects that were changed lately, in GiB-hours.
    StorageRecent,
    /// Bytes of objects that nobody changed for [`OLD_DAYS`], in GiB-hours.
    StorageOld,
}

impl Meter {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Cpu,
        Self::Memory,
        Self::Replicas,
        Self::Busy,
        Self::Requests,
        Self::StorageRecent,
        Self::StorageOld,
    ];

    /// Its `SkuMeter`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Replicas => "Replicas",
            Self::Busy => "Busy time",
            Self::Requests => "Requests",
            Self::StorageRecent => "Storage, changed lately",
            Self::StorageOld => "Storage, unchanged for 90 days",
        }
    }

    /// The meter of a `SkuMeter`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|meter| meter.name() == name)
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Cpu => "CPU-Hours",
            Self::Memory | Self::StorageRecent | Self::StorageOld => "GiB-Hours",
            Self::Replicas => "Replica-Hours",
            Self::Busy => "Hours",
            Self::Requests => "Requests",
        }
    }

    /// What so much costs. Replicas and busy time are told and cost nothing beside the CPU time and
    /// memory that they are made of.
    fn cost(self, quantity: Amount, rates: &Rates) -> Amount {
        match self {
            Self::Cpu => quantity.times(rates.cpu_hour),
            Self::Memory => quantity.times(rates.memory_gib_hour),
            Self::Requests => quantity.times(rates.million_requests).part(1, 1_000_000),
            Self::StorageRecent | Self::StorageOld => {
                quantity.times(rates.storage_gib_month).part(1, 730)
            }
            Self::Replicas | Self::Busy => Amount::ZERO,
        }
    }
}
