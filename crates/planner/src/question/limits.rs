//! Limits and stock that several workloads share.

use domain::Span;
use domain::offer::Purchase;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// What a quota counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum QuotaUnit {
    /// Thousandths of virtual processors.
    MilliCpus,
    /// Thousandths of accelerators of a model.
    MilliAccelerators {
        /// Canonical model name.
        model: String,
    },
    /// Machines.
    Machines,
}

/// A limit on what may run at the same time, as providers set them by region and family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// How the provider calls it.
    pub name: String,
    /// Provider it belongs to.
    pub provider: String,
    /// Region; unset means over all.
    #[serde(default)]
    pub region: Option<String>,
    /// Beginnings of the machine types it counts; empty means all.
    #[serde(default)]
    pub families: Vec<String>,
    /// Purchase kind it counts; unset means all.
    #[serde(default)]
    pub purchase: Option<Purchase>,
    /// What it counts.
    pub unit: QuotaUnit,
    /// How much may be held at one moment.
    pub limit: i64,
    /// How much is held now.
    #[serde(default)]
    pub used: i64,
    /// When what is held now is expected to be free again: a workload that fits only then waits
    /// so long instead of being refused.
    #[serde(default, deserialize_with = "perhaps")]
    pub frees_in: Option<Span>,
}

/// Capacity that is paid for whether it is used or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// How the contract is called.
    pub name: String,
    /// Provider.
    pub provider: String,
    /// Region; unset means any of the provider.
    #[serde(default)]
    pub region: Option<String>,
    /// The machine type, or the beginning of it when it ends in `*`.
    pub machine: String,
    /// Machines that are paid for and free.
    pub machines: u32,
}

/// A known queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedWait {
    /// Provider.
    pub provider: String,
    /// Region; unset means all.
    #[serde(default)]
    pub region: Option<String>,
    /// The machine type, or the beginning of it when it ends in `*`; unset means all.
    #[serde(default)]
    pub machine: Option<String>,
    /// Purchase kind; unset means all.
    #[serde(default)]
    pub purchase: Option<Purchase>,
    /// Expected time in the queue.
    #[serde(deserialize_with = "span")]
    pub wait: Span,
}

/// A time as people write it (`30m`) or in milliseconds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Time {
    Milliseconds(i64),
    Text(String),
}

impl Time {
    fn read<E: Error>(self) -> Result<Span, E> {
        match self {
            Self::Milliseconds(number) => Ok(Span(number)),
            Self::Text(text) => Span::parse(&text).ok_or_else(|| {
                E::custom(format!("`{text}` is no time: write `90s`, `10m` or `2h`"))
            }),
        }
    }
}

fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Span, D::Error> {
    Time::deserialize(from)?.read()
}

fn perhaps<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Span>, D::Error> {
    Option::<Time>::deserialize(from)?
        .map(Time::read)
        .transpose()
}

/// Whether a machine type matches a name or, ending in `*`, a beginning.
pub(crate) fn matches(pattern: &str, machine: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == machine, |start| machine.starts_with(start))
}
