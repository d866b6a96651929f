//! Shared and idle costs spread over those who cause them, to the last atom: the parts always add up
//! to the whole.

use crate::amount::Amount;
use crate::query::{Filter, IDLE_TAG, Key, Metric, Order, Question, Test};
use crate::{Error, Ledger};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By what shared costs are spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// In proportion to direct costs.
    Direct,
    /// The same for everyone.
    Even,
    /// By given weights; whoever has none bears nothing.
    Weights(BTreeMap<String, Amount>),
}

/// How costs are allocated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rule {
    /// To whom: `tag:team`, `workload`, `account`, …
    pub to: Key,
    /// Lines that are shared whatever their key says; lines without the key are shared anyway.
    #[serde(default)]
    pub shared: Vec<Filter>,
    /// How shared costs are spread.
    pub spread: Spread,
}

/// What one bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Share {
    /// Who; unset when nobody could be found to bear it.
    pub to: Option<String>,
    /// In which currency.
    pub currency: String,
    /// Costs of its own.
    pub direct: Amount,
    /// Its part of unused commitments and idle machines.
    pub idle: Amount,
    /// Its part of everything else that is shared.
    pub shared: Amount,
    /// All together.
    pub total: Amount,
}

/// Splits an amount by weights so that the parts add up to it exactly: each gets its share
/// rounded, and what that left over or spent too much goes to the heaviest, an atom each. Negative weights count
/// as none; without any weight the parts are even.
pub fn split(amount: Amount, weights: &[Amount]) -> Vec<Amount> {
    if weights.is_empty() {
        return Vec::new();
    }
    let mut weights: Vec<i128> = weights.iter().map(|weight| weight.atoms().max(0)).collect();
    // Halved until their sum fits beside a product; the proportion stays.
    while weights
        .iter()
        .try_fold(0_i128, |sum, w| sum.checked_add(*w))
        .is_none()
    {
        for weight in &mut weights {
            *weight /= 2;
        }
    }
    if weights.iter().all(|weight| *weight == 0) {
        weights.fill(1);
    }
    let whole: i128 = weights.iter().sum();
    let mut parts: Vec<i128> = weights
        .iter()
        .map(|weight| amount.part(*weight, whole).atoms())
        .collect();
    let mut left = amount.atoms() - parts.iter().sum::<i128>();
    // Rounded shares are off by less than one atom each, so one round over the heaviest is enough.
    let mut order: Vec<usize> = (0..parts.len()).filter(|at| weights[*at] > 0).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(weights[*at]), *at));
    while left != 0 {
        for at in &order {
            if left == 0 {
                break;
            }
            parts[*at] += left.signum();
            left -= left.signum();
        }
    }
    parts.into_iter().map(Amount::from_atoms).collect()
}

/// Allocates the costs that a question selects, by its first metric.
///
/// # Errors
/// Those of [`Ledger::ask`].
pub fn allocate(ledger: &Ledger, question: &Question, rule: &Rule) -> Result<Vec<Share>, Error> {
    let metric = question
        .metrics
        .first()
        .copied()
        .unwrap_or(Metric::Effective);
    let ask = |filters: &[Filter]| {
        ledger.ask(&Question {
            by: vec![
                rule.to.clone(),
                Key::Column(crate::focus::Column::CommitmentDiscountStatus),
                Key::Tag(IDLE_TAG.to_owned()),
            ],
            metrics: vec![metric],
            filters: question.filters.iter().chain(filters).cloned().collect(),
            order: Order::Keys,
            limit: None,
            ..question.clone()
        })
    };
    let all = ask(&[])?;
    let shared = if rule.shared.is_empty() {
        None
    } else {
        Some(ask(&rule.shared)?)
    };
    let mut currencies: BTreeMap<String, Pot> = BTreeMap::new();
    for group in &all.groups {
        currencies
            .entry(group.currency.clone())
            .or_default()
            .add(group);
    }
    for group in shared.iter().flat_map(|answer| &answer.groups) {
        currencies
            .entry(group.currency.clone())
            .or_default()
            .move_to_shared(group);
    }
    let spread = |(currency, pot): (String, Pot)| pot.spread(&currency, &rule.spread);
    Ok(currencies.into_iter().flat_map(spread).collect())
}

/// Whether a group is of unused commitments or of a machine that nobody used.
fn is_idle(group: &crate::query::Group) -> bool {
    group.keys[1].as_deref() == Some("Unused") || group.keys[2].is_some()
}

/// The costs of one currency before they are spread.
#[derive(Default)]
struct Pot {
    direct: BTreeMap<String, Amount>,
    shared: Amount,
    idle: Amount,
}

impl Pot {
    fn add(&mut self, group: &crate::query::Group) {
        let unused = is_idle(group);
        match &group.keys[0] {
            _ if unused => self.idle += group.values[0],
            Some(to) => *self.direct.entry(to.clone()).or_default() += group.values[0],
            None => self.shared += group.values[0],
        }
    }

    /// Takes a group that was added as direct cost out of it.
    fn move_to_shared(&mut self, group: &crate::query::Group) {
        if is_idle(group) {
            return;
        }
        if let Some(direct) = group.keys[0]
            .as_ref()
            .and_then(|to| self.direct.get_mut(to))
        {
            *direct = *direct - group.values[0];
            self.shared += group.values[0];
        }
    }

    fn spread(self, currency: &str, spread: &Spread) -> Vec<Share> {
        let weight = |(to, direct): (&String, &Amount)| match spread {
            Spread::Direct => *direct,
            Spread::Even => Amount::ONE,
            Spread::Weights(weights) => weights.get(to).copied().unwrap_or_default(),
        };
        let weights: Vec<Amount> = self.direct.iter().map(weight).collect();
        let (shared, idle) = (split(self.shared, &weights), split(self.idle, &weights));
        if self.direct.is_empty() {
            return vec![Share {
                to: None,
                currency: currency.to_owned(),
                direct: Amount::ZERO,
                idle: self.idle,
                shared: self.shared,
                total: self.idle + self.shared,
            }];
        }
        let bear = |((to, direct), (shared, idle)): ((String, Amount), (Amount, Amount))| Share {
            to: Some(to),
            currency: currency.to_owned(),
            direct,
            idle,
            shared,
            total: direct + shared + idle,
        };
        self.direct
            .into_iter()
            .zip(shared.into_iter().zip(idle))
            .map(bear)
            .collect()
    }
}

/// Lines of what a rule's shared part usually is: without owner, taxes and support.
pub fn usually_shared() -> Vec<Filter> {
    vec![Filter {
        key: Key::Column(crate::focus::Column::ChargeCategory),
        test: Test::Is(vec!["Tax".to_owned(), "Adjustment".to_owned()]),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            amount in -10_i128.pow(36)..10_i128.pow(36),
            weights in prop::collection::vec(-5_i128..10_i128.pow(37), 1..60),
        ) {
            let weights: Vec<Amount> = weights.into_iter().map(Amount::from_atoms).collect();
            let parts = split(Amount::from_atoms(amount), &weights);
            let sum: i128 = parts.iter().map(|part| part.atoms()).sum();
            prop_assert_eq!(sum, amount);
            let any = weights.iter().any(|weight| weight.atoms() > 0);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(!any || weight.atoms() > 0 || *part == Amount::ZERO);
                prop_assert!(part.atoms().abs() <= amount.abs());
            }
        }
    }

    #[test]
    fn shares_follow_weights() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        let parts = split(amount("10"), &[amount("1"), amount("1"), amount("1")]);
        assert_eq!(parts[0].to_string(), "3.333333333333333334");
        assert_eq!(parts[2].to_string(), "3.333333333333333333");
        assert_eq!(
            split(amount("-1"), &[amount("3"), amount("1")])[0],
            amount("-0.75")
        );
        assert!(split(amount("5"), &[]).is_empty());
    }
}
