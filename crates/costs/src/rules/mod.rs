//! Advice: one rule a file. Each says what it looked at, what it would change, what that saves and
//! how sure that is, what could go wrong, how to undo it and what applies it; and when it has
//! nothing to say, why.

mod action;
mod cheaper_provider;
mod cheaper_region;
mod commitment;
mod endpoint_size;
mod fitting;
mod hours;
mod idle;
mod idle_accelerators;
mod idle_endpoints;
mod idle_notebooks;
mod old_artifacts;
mod quoted;
mod right_size;
mod schedule;
mod serverless;
mod service_hours;
mod spot;
mod step_size;
mod storage_class;
mod tiny_jobs;
mod unattached_storage;
mod unused_commitment;
pub mod utilization;

pub use action::{Action, Applied, Before};
pub use commitment::covered;
pub use hours::{SHUTDOWN_TAG, WorkingHours};
pub use quoted::quoted;
pub use right_size::{Policy, Size, size_for};

use crate::amount::Amount;
use crate::query::{Filter, Key, Metric, Order, Question, Test};
use crate::{Error, Ledger};
use domain::Timestamp;
use domain::offer::OfferTable;
use serde::Serialize;
use utilization::Machine;

/// What rules look at.
pub struct Context<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Machines whose utilisation is known.
    pub machines: &'a [Machine],
    /// What can be had and for how much.
    pub offers: Option<&'a OfferTable>,
    /// Discounts that commitments are offered at: a name and the discount in per cent.
    pub discounts: &'a [(String, u32)],
    /// Which policy sizes machines.
    pub policy: Policy,
    /// The ledger's lines up to here count.
    pub now: Timestamp,
    /// Days before that which are looked at.
    pub days: i32,
}

/// How sure a saving is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Little history, or the rule assumes much.
    Low,
    /// Some weeks of history.
    Medium,
    /// Measured, over several weeks.
    High,
}

/// How advice is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Apply {
    /// A command that somebody with rights on the account runs; Tradewind does not.
    Owner {
        /// The command.
        command: String,
    },
    /// Tradewind runs it and changes it itself: `tradewind advice apply`.
    Tradewind {
        /// What is done.
        action: Action,
    },
    /// A decision that no command makes: a contract, a change of code.
    Hand {
        /// What to do.
        what: String,
    },
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Advice {
    /// The rule.
    pub rule: &'static str,
    /// What it is about.
    pub subject: String,
    /// What to change, in one sentence.
    pub change: String,
    /// What was seen.
    pub evidence: Vec<String>,
    /// Money per month; negative when it costs more, as for a machine that is too small. Unset when
    /// the machine's price is not known; the evidence then has the share.
    pub saving_per_month: Option<Amount>,
    /// In which currency.
    pub currency: String,
    /// How sure.
    pub confidence: Confidence,
    /// What could go wrong.
    pub risk: String,
    /// How to take it back.
    pub undo: String,
    /// How it is carried out.
    pub apply: Apply,
}

/// What a rule found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Findings {
    /// The rule.
    pub rule: &'static str,
    /// What it reads.
    pub inputs: &'static str,
    /// Its advice, the largest saving first.
    pub advice: Vec<Advice>,
    /// Why it has nothing to say.
    pub silent: Option<String>,
}

/// A rule.
pub trait Rule: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it reads.
    fn inputs(&self) -> &'static str;
    /// Its advice, or why there is none.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error>;
}

/// All rules.
pub const RULES: [&dyn Rule; 18] = [
    &right_size::RightSize,
    &idle::Idle,
    &idle_accelerators::IdleAccelerators,
    &idle_notebooks::IdleNotebooks,
    &idle_endpoints::IdleEndpoints,
    &endpoint_size::EndpointSize,
    &serverless::Serverless,
    &commitment::Commitment,
    &unused_commitment::UnusedCommitment,
    &schedule::Schedule,
    &spot::Spot,
    &cheaper_region::CheaperRegion,
    &cheaper_provider::CheaperProvider,
    &step_size::StepSize,
    &tiny_jobs::TinyJobs,
    &storage_class::StorageClass,
    &unattached_storage::UnattachedStorage,
    &old_artifacts::OldArtifacts,
];

/// Asks every rule.
///
/// # Errors
/// When the ledger cannot be read.
pub fn advise(context: &Context<'_>) -> Result<Vec<Findings>, Error> {
    let mut all = Vec::new();
    for rule in RULES {
        let (advice, silent) = match rule.look(context)? {
            Ok(advice) if advice.is_empty() => {
                (advice, Some("nothing is worth changing".to_owned()))
            }
            Ok(advice) => (advice, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        let mut findings = Findings {
            rule: rule.name(),
            inputs: rule.inputs(),
            advice,
            silent,
        };
        findings
            .advice
            .sort_by_key(|advice| std::cmp::Reverse(advice.saving_per_month));
        all.push(findings);
    }
    Ok(all)
}

impl Context<'_> {
    /// A question about the days that are looked at.
    pub(crate) fn question(&self, by: Vec<Key>, filters: Vec<Filter>) -> Question {
        Question {
            by,
            metrics: vec![Metric::Effective, Metric::List, Metric::Quantity],
            filters,
            from: Some(self.now - domain::Span::hours(24 * i64::from(self.days))),
            to: Some(self.now),
            order: Order::Amount,
            ..Question::default()
        }
    }

    /// What so much in the days that are looked at is in a month of 30.4375 days.
    pub(crate) fn per_month(&self, amount: Amount) -> Amount {
        amount
            .part(304_375, i128::from(self.days.max(1)) * 10_000)
            .rounded(2)
    }
}

/// Confidence by how many days of history there are.
pub(crate) fn by_history(days: usize) -> Confidence {
    match days {
        0..14 => Confidence::Low,
        14..28 => Confidence::Medium,
        _ => Confidence::High,
    }
}

/// Lines whose key is one of these values.
pub(crate) fn is(key: &str, values: &[&str]) -> Result<Filter, Error> {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Ok(Filter {
        key: Key::parse(key)?,
        test: Test::Is(values),
    })
}
