//! What is asked: workloads, the data between them, an objective, and all that limits them.
//!
//! A [`Question`] holds everything a plan depends on. Nothing is read from clocks, files or the
//! environment, so the same question has the same answer on every machine.

mod accounts;
pub(crate) mod check;
mod limits;
mod memory;
mod run_time;
mod workload;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Money, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::market::Market;

pub(crate) use limits::matches;
pub use limits::{Commitment, ExpectedWait, Quota, QuotaUnit};
pub use memory::{COOLDOWN_HALF_LIFE, Denied, Refusals};
pub use run_time::{History, Observation, Reference, RunTime};
pub use workload::{Bounds, Checkpoint, DataAt, Near, Workload};

/// What is made as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Objective {
    /// Money.
    #[default]
    Cost,
    /// Time until the last workload is done; among equals, money.
    Time,
    /// Money, everything done within this time from now.
    CostWithin {
        /// From now.
        deadline: Span,
    },
}

/// Data that one workload writes and another reads, which starts after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Name of the workload that writes.
    pub from: String,
    /// Name of the workload that reads.
    pub to: String,
    /// How much; zero when it only waits.
    pub bytes: u64,
}

/// How the question is worked on and what of the answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Nodes that branch and bound may look at before it stops with the gap stated.
    pub node_limit: u64,
    /// Runners-up to show for each workload.
    pub runners_up: usize,
    /// Whether the front of cost against time is wanted.
    pub front: bool,
    /// Whether limits on time must hold for the late end of learned run times, not the median.
    pub cautious: bool,
    /// Whether an unplaceable question is searched for what to relax.
    pub relax: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node_limit: 200_000,
            runners_up: 3,
            front: false,
            cautious: true,
            relax: true,
        }
    }
}

/// Everything a plan depends on.
#[derive(Debug, Clone)]
pub struct Question {
    /// What can be had.
    pub market: Arc<Market>,
    /// The moment of asking: refusals cool down against it.
    pub now: Timestamp,
    /// What is to be placed; names are unique.
    pub workloads: Vec<Workload>,
    /// Data and order between them.
    pub links: Vec<Link>,
    /// What is wanted.
    pub objective: Objective,
    /// Most that all of it may cost.
    pub budget: Option<Money>,
    /// Limits that providers set, shared by all workloads.
    pub quotas: Vec<Quota>,
    /// Capacity that is already paid for.
    pub commitments: Vec<Commitment>,
    /// Known queues.
    pub waits: Vec<ExpectedWait>,
    /// What providers have refused.
    pub refusals: Refusals,
    /// How long workloads took.
    pub history: History,
    /// Bytes that have already left each provider for the internet in this billing month. For a
    /// provider that is not named, its free volume counts as used up; name it with zero to have
    /// the free volume counted.
    pub egress_used: BTreeMap<String, u64>,
    /// How to work on it.
    pub settings: Settings,
}

impl Question {
    /// A question without workloads or limits.
    pub fn new(market: Arc<Market>, now: Timestamp) -> Self {
        Self {
            market,
            now,
            workloads: Vec::new(),
            links: Vec::new(),
            objective: Objective::Cost,
            budget: None,
            quotas: Vec::new(),
            commitments: Vec::new(),
            waits: Vec::new(),
            refusals: Refusals::default(),
            history: History::default(),
            egress_used: BTreeMap::new(),
            settings: Settings::default(),
        }
    }

    /// Adds a workload.
    #[must_use]
    pub fn with(mut self, workload: Workload) -> Self {
        self.workloads.push(workload);
        self
    }

    /// Adds data (or, with zero bytes, only an order) between two workloads.
    #[must_use]
    pub fn link(mut self, from: &str, to: &str, bytes: u64) -> Self {
        self.links.push(Link {
            from: from.to_owned(),
            to: to.to_owned(),
            bytes,
        });
        self
    }

    /// Sets the objective.
    #[must_use]
    pub fn objective(mut self, objective: Objective) -> Self {
        self.objective = objective;
        self
    }

    /// Checks the question itself: names, cycles, rules, accelerators, amounts.
    pub fn check(&self) -> Result<(), Error> {
        check::check(self)
    }
}
