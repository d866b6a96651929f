//! Questions to the ledger: sums of costs by up to four keys, filtered, currency by currency.

mod chart;
mod engine;
mod groups;
mod key;
mod png;
mod select;
mod unit;

pub use chart::{Bar, bars, svg, terminal};
pub use key::{
    IDLE_TAG, JOB_TAG, Key, MODEL_TAG, PIPELINE_TAG, RUN_TAG, STEP_TAG, WORKLOAD_TAG, WORKSPACE_TAG,
};
pub use png::png;
pub use unit::{Per, UnitCost, unit_cost};

use crate::amount::Amount;
use crate::focus::Column;
use crate::{Error, Ledger};
use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// As invoiced.
    Billed,
    /// With prepayments and commitments spread over what they cover.
    Effective,
    /// At public prices.
    List,
    /// At negotiated prices, before commitments.
    Contracted,
    /// How much was consumed, in `ConsumedUnit`.
    Quantity,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Billed,
        Self::Effective,
        Self::List,
        Self::Contracted,
        Self::Quantity,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Effective => "effective",
            Self::List => "list",
            Self::Contracted => "contracted",
            Self::Quantity => "quantity",
        }
    }

    /// The metric of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The column it sums.
    pub const fn column(self) -> Column {
        match self {
            Self::Billed => Column::BilledCost,
            Self::Effective => Column::EffectiveCost,
            Self::List => Column::ListCost,
            Self::Contracted => Column::ContractedCost,
            Self::Quantity => Column::ConsumedQuantity,
        }
    }
}

/// Which lines count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Those whose key is one of these.
    Is(Vec<String>),
    /// Those whose key is none of these.
    IsNot(Vec<String>),
    /// Those that have the key at all.
    Given,
    /// Those that lack it.
    Missing,
}

/// A condition on one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// On which key.
    pub key: Key,
    /// What it must be.
    pub test: Test,
}

/// In which order groups come.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The largest of the first metric first.
    #[default]
    Amount,
    /// By their keys.
    Keys,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Question {
    /// Grouped by these; none is one group per currency.
    pub by: Vec<Key>,
    /// What is summed.
    pub metrics: Vec<Metric>,
    /// All of them must hold.
    pub filters: Vec<Filter>,
    /// Charges that start at this instant or later.
    pub from: Option<Timestamp>,
    /// Charges that start before this instant.
    pub to: Option<Timestamp>,
    /// Only lines of this currency.
    pub currency: Option<String>,
    /// In which order.
    pub order: Order,
    /// At most so many groups are answered; all are summed.
    pub limit: Option<usize>,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            by: Vec::new(),
            metrics: vec![Metric::Billed, Metric::Effective],
            filters: Vec::new(),
            from: None,
            to: None,
            currency: None,
            order: Order::Amount,
            limit: None,
        }
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Group {
    /// Its keys, in the order asked; unset where lines lack the key.
    pub keys: Vec<Option<String>>,
    /// Its currency.
    pub currency: String,
    /// Its sums, in the order of the metrics.
    pub values: Vec<Amount>,
    /// How many lines it has.
    pub lines: u64,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Answer {
    /// Names of the keys.
    pub by: Vec<String>,
    /// Names of the metrics.
    pub metrics: Vec<String>,
    /// The groups.
    pub groups: Vec<Group>,
    /// Groups that the limit left out.
    pub left_out: usize,
    /// The whole, by currency; the groups' sums add up to it exactly.
    pub totals: Vec<Group>,
}

impl Answer {
    /// The groups when all are of one currency.
    ///
    /// # Errors
    /// [`Error::Currencies`] when they are not.
    pub fn one_currency(&self) -> Result<Option<&str>, Error> {
        match self.totals.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(&only.currency)),
            several => Err(Error::Currencies {
                currencies: several
                    .iter()
                    .map(|t| t.currency.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }
}

impl Ledger {
    /// Answers a question, reading only the columns and blocks that it needs.
    ///
    /// # Errors
    /// When it has more than four keys or no metric, more groups than memory is granted for, a sum
    /// that does not fit, or a segment is damaged.
    pub fn ask(&self, question: &Question) -> Result<Answer, Error> {
        engine::answer(self, question)
    }

    /// The keys of tags on lines of blocks that reach into a span of time, in order.
    ///
    /// # Errors
    /// When a segment is damaged.
    pub fn tag_keys(&self, from: Timestamp, to: Timestamp) -> Result<Vec<String>, Error> {
        let mut keys = std::collections::BTreeSet::new();
        for (_, segment) in self.snapshot()?.segments {
            for block in segment.blocks() {
                if block.starts.1 < from.0 || block.starts.0 >= to.0 {
                    continue;
                }
                if let Some(crate::segment::Chunk::Tags(_, sets)) =
                    segment.read(block, Column::Tags)?
                {
                    keys.extend(sets.keys().map(str::to_owned));
                }
            }
        }
        Ok(keys.into_iter().collect())
    }
}
