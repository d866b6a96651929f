//! The answer: where everything goes, what it costs, why, and how sure that is.
//!
//! A plan is made once and never changed. It carries every price it used and a hash over all of
//! it, so that it can be checked and replayed years later.

use domain::day::Day;
use domain::offer::{Accelerator, Architecture, Exactness};
use domain::transfer::Path;
use domain::{ByteSize, Money, Span, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use crate::estimate::run_time::Basis;
pub use crate::front::{Front, Point};
use crate::market::Site;
use crate::question::{Objective, Question};

/// How an offer is paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Payment {
    /// At list price.
    OnDemand,
    /// At the spot price; may be taken away.
    Spot,
    /// By a commitment that is paid for already.
    Committed {
        /// The commitment's name.
        commitment: String,
    },
}

/// A price as it stood in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceUsed {
    /// For one bare machine and an hour.
    pub per_hour: Money,
    /// Whether it is a list price or an estimate.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: String,
    /// The day for which it holds.
    pub as_of: Day,
}

/// What a placement costs and takes, by term. Transfers are listed with the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Machines, through the managed service where one was asked for.
    pub compute: Money,
    /// Their scratch disks.
    pub disk: Money,
    /// All machines for an hour.
    pub hourly: Money,
    /// Time in queues.
    pub wait: Span,
    /// Image and environment.
    pub set_up: Span,
    /// User code without interruptions: an early, the median and a late run.
    pub run: (Span, Span, Span),
    /// Where the run time comes from.
    pub basis: Basis,
    /// What expected interruptions and checkpoints add to the median run.
    pub interruptions: Span,
    /// Time that is billed.
    pub billed: Span,
}

/// An offer as a plan tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Where.
    pub site: Site,
    /// Machine type by the provider's name.
    pub machine: String,
    /// Thousandths of virtual processors of one machine.
    pub milli_cpus: u32,
    /// Memory of one machine.
    pub memory: ByteSize,
    /// Processor.
    pub architecture: Architecture,
    /// Accelerators of one machine.
    pub accelerator: Option<Accelerator>,
    /// Machines.
    pub nodes: u32,
    /// How it is paid for.
    pub payment: Payment,
    /// The managed service it is bought through.
    pub service: Option<String>,
    /// The price behind it.
    pub price: PriceUsed,
    /// Monthly interruption band of spot machines in per cent, where known.
    pub interruption_percent: Option<u8>,
    /// What it costs and takes.
    pub estimate: Estimate,
}

/// The next best offer for a workload, everything else staying where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// The offer.
    pub offer: Chosen,
    /// How much more the whole plan would cost (less, when negative).
    pub more_money: Money,
    /// How much longer the whole plan would take (shorter, when negative).
    pub more_time: Span,
}

/// Offers that a rule has rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The rule.
    pub rule: String,
    /// Offers that break it, each way to buy counted.
    pub offers: u64,
    /// Those of them that were seen to break nothing else. Rules about single offers (hourly
    /// price, cool-down, quota, cost) are only asked where machine, place and purchase pass.
    pub alone: u64,
    /// One of them.
    pub example: String,
    /// Why it was rejected.
    pub why: String,
}

/// Where one workload goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Its name.
    pub workload: String,
    /// The offer.
    pub offer: Chosen,
    /// When it is expected to start (queue and set-up included), from now.
    pub start: Span,
    /// When its result is expected, from now.
    pub finish: Span,
    /// Ground on which each residency rule holds.
    pub evidence: Vec<String>,
    /// Next best offers, best first.
    pub runners_up: Vec<RunnerUp>,
    /// Offers looked at, each way to buy counted.
    pub considered: u64,
    /// Why the others were not.
    pub rejected: Vec<Rejected>,
}

/// Data that moves in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The workload or fixed place it leaves.
    pub from: String,
    /// The workload or fixed place it reaches.
    pub to: String,
    /// How much.
    pub bytes: u64,
    /// Along what.
    pub path: Path,
    /// What it costs by itself.
    pub cost: Money,
    /// How long it takes.
    pub time: Span,
}

/// How sure it is that nothing is better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Proof {
    /// Nothing is better.
    Optimal,
    /// The limit on nodes ended the search: no plan is better than this bound.
    Bounded {
        /// No plan costs less (micros) or, when time is the objective, ends sooner (ms).
        bound: i64,
        /// How far above the bound the plan may be, in hundredths of a per cent of it.
        gap_basis_points: u64,
    },
}

/// Where everything goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// SHA-256 over the plan's JSON with this field empty, in hexadecimal.
    pub hash: String,
    /// SHA-256 over the question's JSON.
    pub question: String,
    /// The catalog's edition.
    pub edition: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What was made as small as possible.
    pub objective: Objective,
    /// What everything costs, transfers included.
    pub cost: Money,
    /// When everything is done, from now.
    pub time: Span,
    /// How sure it is that nothing is better.
    pub proof: Proof,
    /// Nodes of the search, zero when bounds alone were enough.
    pub nodes: u64,
    /// The workloads, in the order of the question.
    pub placed: Vec<Placed>,
    /// Data that moves, in the order of the question.
    pub transfers: Vec<Moved>,
    /// Cost against time, when it was asked for.
    pub front: Option<Front>,
    /// Things to know: assumptions, cool-downs, unknown facts.
    pub notes: Vec<String>,
}

/// SHA-256 of what serialises to the same JSON everywhere, in hexadecimal.
pub(crate) fn digest(value: &impl Serialize) -> String {
    // Writing to a byte vector fails for no type of this crate.
    let json = serde_json::to_vec(value).unwrap_or_default();
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&json) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The hash of a question: of everything but the market, which its edition names.
pub(crate) fn question_hash(question: &Question) -> String {
    digest(&(
        question.market.edition(),
        question.now,
        &question.workloads,
        &question.links,
        question.objective,
        question.budget,
        &question.quotas,
        (
            &question.commitments,
            &question.waits,
            &question.refusals,
            &question.history,
        ),
        (&question.egress_used, &question.settings),
    ))
}

impl Plan {
    /// The plan with its hash filled in.
    pub(crate) fn sealed(mut self) -> Self {
        self.hash.clear();
        self.hash = digest(&self);
        self
    }

    /// Whether the plan is as it was made: its hash fits its content.
    pub fn is_intact(&self) -> bool {
        let bare = Self {
            hash: String::new(),
            ..self.clone()
        };
        digest(&bare) == self.hash
    }

    /// The placement of a workload.
    pub fn placement(&self, workload: &str) -> Option<&Placed> {
        self.placed.iter().find(|it| it.workload == workload)
    }
}
