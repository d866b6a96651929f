//! Unit costs: what one of something costs.

use super::{Group, Key, Metric, Question};
use crate::amount::Amount;
use crate::focus::Column;
use crate::{Error, Ledger};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many units the costs are divided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Distinct values of a key: per training job, per model, per resource.
    Distinct(Key),
    /// What the lines say was consumed, so many at a time, when all of them say it in one unit.
    Consumed(Amount),
    /// What the lines of one unit say was consumed; the cost is that of all lines: per 1,000 predictions
    /// with the CPU time and memory that they took.
    Measured {
        /// So many at a time.
        size: Amount,
        /// The lines' `ConsumedUnit`: `Requests`.
        unit: String,
    },
    /// A number from elsewhere: per customer, per order.
    Given(Amount),
}

/// The cost of one unit in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnitCost {
    /// The currency.
    pub currency: String,
    /// The whole cost.
    pub cost: Amount,
    /// How many units.
    pub units: Amount,
    /// Cost over units, rounded to 18 decimals; unset when there are no units.
    pub per_unit: Option<Amount>,
}

/// The cost of one unit of what a question selects, by its first metric.
///
/// # Errors
/// Those of [`Ledger::ask`].
pub fn unit_cost(ledger: &Ledger, question: &Question, per: &Per) -> Result<Vec<UnitCost>, Error> {
    let metric = question
        .metrics
        .first()
        .copied()
        .unwrap_or(Metric::Effective);
    let by = match per {
        Per::Distinct(key) => vec![key.clone()],
        Per::Consumed(_) | Per::Measured { .. } => vec![Key::Column(Column::ConsumedUnit)],
        Per::Given(_) => Vec::new(),
    };
    let answer = ledger.ask(&Question {
        by,
        metrics: vec![metric, Metric::Quantity],
        limit: None,
        ..question.clone()
    })?;
    if let Per::Consumed(_) = per {
        one_unit(&answer.groups)?;
    }
    let units = |currency: &str| {
        let groups = answer.groups.iter().filter(|g| g.currency == currency);
        match per {
            Per::Given(units) => *units,
            Per::Consumed(size) => sum(groups).over(*size).unwrap_or_default(),
            Per::Measured { size, unit } => {
                let own = groups.filter(|g| g.keys[0].as_ref() == Some(unit));
                sum(own).over(*size).unwrap_or_default()
            }
            Per::Distinct(_) => {
                let named = groups.filter(|g| g.keys[0].is_some());
                Amount::whole(named.count() as i64)
            }
        }
    };
    let costs = answer.totals.iter().map(|total| {
        let units = units(&total.currency);
        UnitCost {
            currency: total.currency.clone(),
            cost: total.values[0],
            units,
            per_unit: total.values[0].over(units),
        }
    });
    Ok(costs.collect())
}

/// The quantity of some groups.
fn sum<'a>(groups: impl Iterator<Item = &'a Group>) -> Amount {
    groups.map(|group| group.values[1]).sum()
}

/// Refuses quantities of several units: hours and requests are not added up.
fn one_unit(groups: &[Group]) -> Result<(), Error> {
    let used = groups.iter().filter(|g| g.values[1] != Amount::ZERO);
    let units: BTreeSet<&str> = used
        .map(|g| g.keys[0].as_deref().unwrap_or("no unit"))
        .collect();
    if units.len() < 2 {
        return Ok(());
    }
    let units: Vec<&str> = units.into_iter().collect();
    Err(Error::Invalid(format!(
        "what was consumed is in {}; say which of them counts with `--unit`",
        units.join(", ")
    )))
}
