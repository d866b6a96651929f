//! A budget as AWS sends it, and what of it is Tradewind's.

use super::fault::{said, value};
use crate::ce::expression::{Expression, dimension, tag};
use crate::fault::Fault;
use costs::budgets::Budget;
use costs::focus::Column;
use costs::query::{Filter, Key, Metric, Test};
use costs::{Amount, instant};
use domain::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// When a budget ends that names no end: AWS' own, 2087-06-15.
pub(super) const NEVER: Timestamp = Timestamp(3_706_473_600_000);

/// A budget as it is sent, as far as it says what is limited.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    pub(super) budget_name: String,
    #[serde(default)]
    budget_limit: Option<Spend>,
    #[serde(default)]
    planned_budget_limits: Option<Value>,
    #[serde(default)]
    cost_filters: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    cost_types: BTreeMap<String, bool>,
    time_unit: String,
    #[serde(default)]
    time_period: Option<Span>,
    budget_type: String,
    #[serde(default)]
    auto_adjust_data: Option<Value>,
    #[serde(default)]
    filter_expression: Option<Expression>,
    #[serde(default)]
    metrics: Vec<String>,
    #[serde(default)]
    billing_view_arn: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Spend {
    amount: String,
    unit: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Span {
    #[serde(default)]
    start: Option<f64>,
    #[serde(default)]
    end: Option<f64>,
}

impl Sent {
    /// The budget that Tradewind keeps for it. One that tags alone narrow is hard unless
    /// `advisory`: runs that would pass it are refused. Of anything else nothing is known before a
    /// run has run, and only alerts are given.
    pub(super) fn budget(&self, advisory: bool, now: Timestamp) -> Result<Budget, Fault> {
        self.refuse_what_is_not_served(now)?;
        let limit = self
            .budget_limit
            .as_ref()
            .ok_or_else(|| value("a budget of type COST needs a BudgetLimit"))?;
        let wrong = || value(format!("`{}` is no amount of money", limit.amount));
        let (amount, _) = Amount::parse(&limit.amount).map_err(|_| wrong())?;
        let mut filters = self.charges()?;
        for (name, values) in &self.cost_filters {
            filters.extend(of_cost_filter(name, values)?);
        }
        if let Some(expression) = &self.filter_expression {
            let cubes = expression.cubes().map_err(said)?;
            let [cube] = cubes.as_slice() else {
                return Err(value(
                    "FilterExpression: a budget is narrowed by conditions that all hold; \
                     alternatives are served between values of one dimension or tag",
                ));
            };
            filters.extend(cube.iter().cloned());
        }
        let tags_only = filters
            .iter()
            .all(|filter| matches!(filter.key, Key::Tag(_)));
        Ok(Budget {
            name: self.budget_name.clone(),
            amount,
            currency: limit.unit.clone(),
            metric: self.metric()?,
            filters,
            thresholds: Vec::new(),
            hard: tags_only && !advisory,
        })
    }

    /// When it ends, unless that is never.
    pub(super) fn end(&self) -> Option<Timestamp> {
        let end = self.time_period?.end?;
        let end = Timestamp((end * 1_000.0) as i64);
        (end < NEVER).then_some(end)
    }

    fn refuse_what_is_not_served(&self, now: Timestamp) -> Result<(), Fault> {
        let refused = |what: &str| Err(value(what));
        if self.budget_type != "COST" {
            return refused(
                "budgets of type COST are served; usage, reservations and plans are not limited",
            );
        }
        if self.time_unit != "MONTHLY" {
            return refused("a budget limits what a month may cost: TimeUnit must be MONTHLY");
        }
        if self.planned_budget_limits.is_some() || self.auto_adjust_data.is_some() {
            return refused(
                "a budget has one limit: PlannedBudgetLimits and AutoAdjustData are not served",
            );
        }
        if self.billing_view_arn.is_some() {
            return refused("there are no billing views");
        }
        if !self.cost_filters.is_empty() && self.filter_expression.is_some() {
            return refused("CostFilters and FilterExpression exclude each other");
        }
        if let Some(end) = self.end()
            && end <= now
        {
            return refused("the TimePeriod is over");
        }
        let start = self.time_period.and_then(|period| period.start);
        if start.is_some_and(|start| start * 1_000.0 >= instant::month_start(now, 1).0 as f64) {
            return refused(
                "a budget begins in this month at the latest: the TimePeriod starts later",
            );
        }
        Ok(())
    }

    fn metric(&self) -> Result<Metric, Fault> {
        match self.metrics.as_slice() {
            [] => {}
            [one] => return crate::ce::reading::metric(one).map_err(said),
            _ => return Err(value("a budget limits one metric")),
        }
        let amortized = self
            .cost_types
            .get("UseAmortized")
            .copied()
            .unwrap_or(false);
        Ok(if amortized {
            Metric::Effective
        } else {
            Metric::Billed
        })
    }

    /// The charges that do not count.
    fn charges(&self) -> Result<Vec<Filter>, Fault> {
        let mut left_out = Vec::new();
        for (name, include) in &self.cost_types {
            match (name.as_str(), include) {
                (_, true) | ("UseBlended" | "UseAmortized", _) => {}
                ("IncludeTax", false) => left_out.push("Tax".to_owned()),
                ("IncludeCredit", false) => left_out.push("Credit".to_owned()),
                (other, false) => {
                    return Err(value(format!(
                        "CostTypes.{other}: the ledger tells taxes and credits from other charges, \
                         and nothing finer"
                    )));
                }
            }
        }
        if left_out.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Filter {
            key: Key::Column(Column::ChargeCategory),
            test: Test::IsNot(left_out),
        }])
    }
}

/// A filter of the older form. Tags are written `user:key$value`.
fn of_cost_filter(name: &str, values: &[String]) -> Result<Vec<Filter>, Fault> {
    if name != "TagKeyValue" {
        let mut upper = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !upper.is_empty() && name != "AZ" {
                upper.push('_');
            }
            upper.push(letter.to_ascii_uppercase());
        }
        let key = dimension(&upper).map_err(said)?;
        return Ok(vec![Filter {
            key,
            test: Test::Is(values.to_vec()),
        }]);
    }
    let mut tags: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for text in values {
        let pair = text.split_once('$');
        let (key, own) = pair.ok_or_else(|| {
            value(format!(
                "TagKeyValue: `{text}` is not of the form `user:key$value`"
            ))
        })?;
        let key = key.strip_prefix("user:").unwrap_or(key);
        tags.entry(key).or_default().push(own.to_owned());
    }
    let filters = tags.into_iter().map(|(key, values)| {
        let key = tag(key).map_err(said)?;
        Ok(Filter {
            key,
            test: Test::Is(values),
        })
    });
    filters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(more: Value) -> Sent {
        let mut budget = json!({
            "BudgetName": "ml",
            "BudgetLimit": {"Amount": "12.5", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        });
        for (name, value) in more.as_object().unwrap() {
            budget[name] = value.clone();
        }
        serde_json::from_value(budget).unwrap()
    }

    const NOW: Timestamp = Timestamp(1_795_408_226_000);

    #[test]
    fn budgets_by_tags_are_hard_and_others_only_warn() {
        let team = json!({"CostFilters": {"TagKeyValue": ["user:team$search", "user:team$ads"]}});
        let budget = sent(team.clone()).budget(false, NOW).unwrap();
        assert!(budget.hard && budget.metric == Metric::Billed);
        assert_eq!(budget.filters[0].key.name(), "tag:team");
        assert!(matches!(&budget.filters[0].test, Test::Is(both) if both.len() == 2));
        assert!(!sent(team).budget(true, NOW).unwrap().hard);
        let service = json!({"CostFilters": {"Service": ["Amazon SageMaker"]}});
        assert!(!sent(service).budget(false, NOW).unwrap().hard);
        let types = json!({"CostTypes": {"IncludeTax": false, "UseAmortized": true}});
        let budget = sent(types).budget(false, NOW).unwrap();
        assert_eq!(budget.metric, Metric::Effective);
        assert_eq!(budget.filters[0].test, Test::IsNot(vec!["Tax".to_owned()]));
    }

    #[test]
    fn what_is_not_served_is_refused_by_name() {
        for (more, word) in [
            (json!({"BudgetType": "USAGE"}), "COST"),
            (json!({"TimeUnit": "DAILY"}), "MONTHLY"),
            (json!({"PlannedBudgetLimits": {}}), "one limit"),
            (json!({"TimePeriod": {"End": 1_700_000_000}}), "over"),
            (json!({"TimePeriod": {"Start": 1_900_000_000}}), "begins"),
            (
                json!({"BudgetLimit": {"Amount": "ten", "Unit": "USD"}}),
                "ten",
            ),
            (
                json!({"CostTypes": {"IncludeSupport": false}}),
                "IncludeSupport",
            ),
            (
                json!({"CostFilters": {"TagKeyValue": ["team"]}}),
                "user:key$value",
            ),
            (json!({"CostFilters": {"Colour": ["red"]}}), "COLOUR"),
        ] {
            let refused = sent(more.clone()).budget(false, NOW).unwrap_err();
            assert_eq!(refused.code, "InvalidParameterException", "{more}");
            assert!(
                refused.message.contains(word),
                "{more}: {}",
                refused.message
            );
        }
    }
}
