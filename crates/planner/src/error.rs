//! What can be wrong with a question or a market.

use std::fmt;

use domain::region::{UnknownRegion, UnknownResidency};

/// Kinds of names that a question may get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A model of accelerators.
    Accelerator,
    /// A machine type.
    MachineType,
    /// A provider.
    Provider,
    /// A region.
    Region,
    /// A certification of regions.
    Certification,
    /// A managed service.
    Service,
    /// A workload of the question.
    Workload,
}

impl fmt::Display for Thing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Accelerator => "accelerator",
            Self::MachineType => "machine type",
            Self::Provider => "provider",
            Self::Region => "region",
            Self::Certification => "certification",
            Self::Service => "managed service",
            Self::Workload => "workload",
        })
    }
}

/// A question that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is nothing to place.
    #[error("the question has no workload; add at least one")]
    Empty,
    /// More than can be placed in reasonable time and memory.
    #[error("the question has {found} {what} where {most} are possible; ask in parts")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A name is missing or used twice.
    #[error("the name `{name}` is empty or used by two workloads; every workload needs its own")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// Nothing has that name.
    #[error(
        "`{at}` names the {what} `{name}`, which nothing has{}",
        Suggestion(nearest)
    )]
    Unknown {
        /// What kind of name.
        what: Thing,
        /// As it was written.
        name: String,
        /// Which workload wrote it.
        at: String,
        /// Names that are close.
        nearest: Vec<String>,
    },
    /// A region that is not known.
    #[error("`{workload}` names an unknown region: {source}")]
    Region {
        /// Which workload.
        workload: String,
        /// Names that are close.
        nearest: Vec<String>,
        /// The region.
        source: UnknownRegion,
    },
    /// A residency rule that is not known.
    #[error("`{workload}` names an unknown residency rule: {source}")]
    Residency {
        /// Which workload.
        workload: String,
        /// The rule.
        source: UnknownResidency,
    },
    /// Workloads that wait for each other.
    #[error(
        "the workloads {} wait for each other in a circle; remove one link",
        Circle(names)
    )]
    Cycle {
        /// In the order in which they wait.
        names: Vec<String>,
    },
    /// An amount that is zero, negative or beyond all measure.
    #[error(
        "the {what} of `{at}` is {amount}, which is not between 1 and what can be reckoned with"
    )]
    Amount {
        /// Of what.
        what: &'static str,
        /// Where.
        at: String,
        /// The amount in the smallest unit.
        amount: i64,
    },
    /// More entries than the planner's columns can index.
    #[error("the market has too many {what} ({found})")]
    MarketTooLarge {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
    },
}

struct Suggestion<'a>(&'a [String]);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let before = if index == 0 { "; did you mean" } else { " or" };
            write!(formatter, "{before} `{name}`")?;
        }
        Ok(())
    }
}

struct Circle<'a>(&'a [String]);

impl fmt::Display for Circle<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().chain(self.0.first()).enumerate() {
            let before = if index == 0 { "" } else { " → " };
            write!(formatter, "{before}`{name}`")?;
        }
        Ok(())
    }
}

/// At most three names.
pub(crate) fn nearest(names: &[String]) -> Vec<String> {
    names.iter().take(3).cloned().collect()
}
