//! Unit costs: what one of something costs.

use super::{Metric, Question};
use crate::amount::Amount;
use crate::{Error, Ledger};
use serde::{Deserialize, Serialize};

/// How many units the costs are divided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Distinct values of a key: per training job, per model, per resource.
    Distinct(super::Key),
    /// What the lines say was consumed, so many at a time: per 1,000 predictions.
    Consumed(Amount),
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
        Per::Consumed(_) | Per::Given(_) => Vec::new(),
    };
    let answer = ledger.ask(&Question {
        by,
        metrics: vec![metric, Metric::Quantity],
        limit: None,
        ..question.clone()
    })?;
    let units = |currency: &str, quantity: Amount| match per {
        Per::Given(units) => *units,
        Per::Consumed(size) => quantity.over(*size).unwrap_or_default(),
        Per::Distinct(_) => {
            let groups = answer.groups.iter();
            let named = groups.filter(|g| g.currency == currency && g.keys[0].is_some());
            Amount::whole(named.count() as i64)
        }
    };
    let costs = answer.totals.iter().map(|total| {
        let units = units(&total.currency, total.values[1]);
        UnitCost {
            currency: total.currency.clone(),
            cost: total.values[0],
            units,
            per_unit: total.values[0].over(units),
        }
    });
    Ok(costs.collect())
}
