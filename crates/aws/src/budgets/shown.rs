//! A budget as AWS describes it.

use super::wire::NEVER;
use crate::time::Epoch;
use costs::budgets::{Budget, Standing};
use costs::focus::Column;
use costs::query::{Filter, Key, Metric, Test};
use costs::{Amount, instant};
use domain::Timestamp;
use serde_json::{Map, Value, json};

/// A budget as AWS describes it: as it was sent, or, when it was made or changed elsewhere, as its
/// parts say.
pub(super) fn shown(
    standing: &Standing,
    sent: Option<&Value>,
    updated: Option<Timestamp>,
    as_expression: bool,
    now: Timestamp,
) -> Value {
    let budget = &standing.budget;
    let unit = &budget.currency;
    let money = |amount: Amount| json!({"Amount": amount.to_string(), "Unit": unit});
    let mut shown = sent.cloned().unwrap_or_else(|| json!({}));
    if shown.get("CostTypes").is_none() && shown.get("Metrics").is_none() {
        shown["CostTypes"] = cost_types(budget);
    }
    if sent.is_none() && as_expression {
        shown["FilterExpression"] = expression(&budget.filters);
    } else if sent.is_none() {
        shown["CostFilters"] = cost_filters(&budget.filters);
    }
    shown["BudgetName"] = json!(budget.name);
    shown["BudgetLimit"] = money(budget.amount);
    shown["TimeUnit"] = json!("MONTHLY");
    shown["BudgetType"] = json!("COST");
    let mut calculated = json!({"ActualSpend": money(standing.spent)});
    if let Some([_, mid, _]) = standing.forecast {
        calculated["ForecastedSpend"] = money(mid.max(Amount::ZERO));
    }
    shown["CalculatedSpend"] = calculated;
    shown["LastUpdatedTime"] = json!(Epoch(updated.unwrap_or(now)));
    let period = shown
        .get("TimePeriod")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let end = |name: &str, usual: Timestamp| {
        period
            .get(name)
            .cloned()
            .unwrap_or_else(|| json!(Epoch(usual)))
    };
    let begins = instant::month_start(updated.unwrap_or(now), 0);
    shown["TimePeriod"] = json!({"Start": end("Start", begins), "End": end("End", NEVER)});
    shown
}

fn cost_types(budget: &Budget) -> Value {
    let left_out = |charge: &str| {
        budget.filters.iter().any(|filter| {
            filter.key == Key::Column(Column::ChargeCategory)
                && matches!(&filter.test, Test::IsNot(all) if all.iter().any(|one| one == charge))
        })
    };
    json!({
        "IncludeTax": !left_out("Tax"),
        "IncludeSubscription": true,
        "UseBlended": false,
        "IncludeRefund": true,
        "IncludeCredit": !left_out("Credit"),
        "IncludeUpfront": true,
        "IncludeRecurring": true,
        "IncludeOtherSubscription": true,
        "IncludeSupport": true,
        "IncludeDiscount": true,
        "UseAmortized": budget.metric == Metric::Effective,
    })
}

/// Filters in the older form, which has no negations: those that it cannot say are left to
/// `FilterExpression`.
fn cost_filters(filters: &[Filter]) -> Value {
    let mut shown: Map<String, Value> = Map::new();
    for filter in filters {
        let Test::Is(values) = &filter.test else {
            continue;
        };
        match &filter.key {
            Key::Tag(name) => {
                let all = shown.entry("TagKeyValue").or_insert_with(|| json!([]));
                if let Some(all) = all.as_array_mut() {
                    all.extend(values.iter().map(|own| json!(format!("user:{name}${own}"))));
                }
            }
            key => {
                shown.insert(key.name(), json!(values));
            }
        }
    }
    Value::Object(shown)
}

/// Filters as an expression of Cost Explorer.
fn expression(filters: &[Filter]) -> Value {
    let mut all: Vec<Value> = filters.iter().map(one_expression).collect();
    match all.len() {
        0 => Value::Null,
        1 => all.swap_remove(0),
        _ => json!({"And": all}),
    }
}

fn one_expression(filter: &Filter) -> Value {
    let own = |values: &[String], option: &str| match &filter.key {
        Key::Tag(name) => {
            json!({"Tags": {"Key": name, "Values": values, "MatchOptions": [option]}})
        }
        key => json!({"Dimensions": {
            "Key": crate::ce::expression::named(key),
            "Values": values,
            "MatchOptions": [option],
        }}),
    };
    match &filter.test {
        Test::Is(values) => own(values, "EQUALS"),
        Test::IsNot(values) => json!({"Not": own(values, "EQUALS")}),
        Test::Missing => own(&[], "ABSENT"),
        Test::Given => json!({"Not": own(&[], "ABSENT")}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ce::expression::Expression;

    #[test]
    fn filters_are_said_as_expressions() {
        let filters = vec![
            Filter {
                key: Key::parse("service").unwrap(),
                test: Test::Is(vec!["S3".to_owned()]),
            },
            Filter {
                key: Key::parse("tag:team").unwrap(),
                test: Test::Given,
            },
        ];
        let said = expression(&filters);
        assert_eq!(said["And"][0]["Dimensions"]["Key"], "SERVICE");
        let read: Expression = serde_json::from_value(said).unwrap();
        assert_eq!(read.cubes().unwrap(), vec![filters]);
    }
}
