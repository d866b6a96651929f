//! Questions that have no plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::plan::Rejected;
use crate::relax::WayOut;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unplaceable {
    /// The question itself is wrong.
    Question(Error),
    /// Nothing satisfies all constraints.
    Constrained(Box<Constrained>),
}

/// What stands in the way, and what would have to give way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constrained {
    /// Workloads for which no offer is left; empty when only limits on the whole stand in the
    /// way.
    pub workloads: Vec<Blocked>,
    /// Whether it is proved that there is no plan; otherwise the limit on nodes struck before one
    /// was found.
    pub proved: bool,
    /// The smallest sets of constraints to relax, cheapest plan first.
    pub ways_out: Vec<WayOut>,
    /// Whether it is proved that nothing smaller would do.
    pub smallest: bool,
}

/// A workload for which no offer is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Its name.
    pub workload: String,
    /// Offers looked at, each way to buy counted.
    pub considered: u64,
    /// What rejected them.
    pub rejected: Vec<Rejected>,
}

impl fmt::Display for Constrained {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.workloads.as_slice(), self.proved) {
            ([], true) => formatter.write_str(
                "each workload could be placed, but no plan keeps all limits together",
            )?,
            ([], false) => formatter.write_str(
                "no plan was found within the limit on nodes, though there may be one",
            )?,
            (blocked, _) => {
                formatter.write_str("no offer fits")?;
                for (index, it) in blocked.iter().enumerate() {
                    let between = if index == 0 { "" } else { " and" };
                    write!(formatter, "{between} `{}`", it.workload)?;
                }
            }
        }
        let Some(first) = self.ways_out.first() else {
            return formatter
                .write_str("; no relaxation of its constraints was found that would help");
        };
        formatter.write_str("; relax ")?;
        for (index, way) in self.ways_out.iter().enumerate() {
            let parts: Vec<String> = way.relax.iter().map(ToString::to_string).collect();
            let between = if index == 0 { "" } else { ", or " };
            write!(formatter, "{between}{}", parts.join(" and "))?;
        }
        write!(
            formatter,
            " (the best would then cost {} and take {})",
            first.cost, first.time
        )
    }
}

impl fmt::Display for Unplaceable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Question(error) => error.fmt(formatter),
            Self::Constrained(constrained) => constrained.fmt(formatter),
        }
    }
}

impl std::error::Error for Unplaceable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Question(error) => Some(error),
            Self::Constrained(_) => None,
        }
    }
}

impl From<Error> for Unplaceable {
    fn from(error: Error) -> Self {
        Self::Question(error)
    }
}
