//! Search expressions
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SearchExpression.html>).

use super::properties::{text, values};
use crate::fault::Fault;
use serde::Deserialize;
use serde_json::Value;

/// Most conditions of a whole expression, and most levels of it.
const MOST: usize = 50;
const DEEPEST: usize = 8;

/// An expression: what it lists, joined by one operator.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Expression {
    filters: Vec<Filter>,
    nested_filters: Vec<Nested>,
    sub_expressions: Vec<Expression>,
    operator: Join,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Join {
    #[default]
    And,
    Or,
}

/// A condition on one property.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    name: String,
    #[serde(default)]
    operator: Operator,
    #[serde(default)]
    value: Option<String>,
}

/// Conditions that one element of a list must satisfy together.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nested {
    nested_property_name: String,
    filters: Vec<Filter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Operator {
    #[default]
    Equals,
    NotEquals,
    GreaterThan,
    GreaterThanOrEqualTo,
    LessThan,
    LessThanOrEqualTo,
    Contains,
    Exists,
    NotExists,
    In,
}

impl Expression {
    /// Refuses what is too large, and conditions without the value that they need.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let count = self.count(0)?;
        if count > MOST {
            return Err(Fault::validation(format!(
                "a search expression has at most {MOST} conditions; this one has {count}"
            )));
        }
        Ok(())
    }

    fn count(&self, depth: usize) -> Result<usize, Fault> {
        if depth > DEEPEST {
            return Err(Fault::validation(
                "the search expression is nested too deeply",
            ));
        }
        let nested = self
            .nested_filters
            .iter()
            .flat_map(|nested| &nested.filters);
        let mut count = 0;
        for filter in self.filters.iter().chain(nested) {
            let bare = matches!(filter.operator, Operator::Exists | Operator::NotExists);
            if filter.value.is_some() == bare {
                let text = if bare {
                    "must not have a Value"
                } else {
                    "needs a Value"
                };
                let (name, operator) = (&filter.name, filter.operator);
                return Err(Fault::validation(format!(
                    "the filter on {name} with the operator {operator:?} {text}"
                )));
            }
            count += 1;
        }
        for expression in &self.sub_expressions {
            count += expression.count(depth + 1)?;
        }
        Ok(count)
    }

    /// Whether a resource is among the results.
    pub(crate) fn admits(&self, item: &Value) -> bool {
        let filters = self.filters.iter().map(|filter| filter.admits(item, ""));
        let nested = self.nested_filters.iter().map(|nested| nested.admits(item));
        let within = self
            .sub_expressions
            .iter()
            .map(|within| within.admits(item));
        let mut all = filters.chain(nested).chain(within).peekable();
        if all.peek().is_none() {
            return true;
        }
        match self.operator {
            Join::And => all.all(|admitted| admitted),
            Join::Or => all.any(|admitted| admitted),
        }
    }
}

impl Nested {
    fn admits(&self, item: &Value) -> bool {
        let Some(Value::Array(elements)) = item.get(&self.nested_property_name) else {
            return false;
        };
        let before = format!("{}.", self.nested_property_name);
        elements.iter().any(|element| {
            self.filters
                .iter()
                .all(|filter| filter.admits(element, &before))
        })
    }
}

impl Filter {
    fn admits(&self, item: &Value, before: &str) -> bool {
        let name = self.name.strip_prefix(before).unwrap_or(&self.name);
        let found = values(item, name);
        let wanted = self.value.as_deref().unwrap_or_default();
        match self.operator {
            Operator::Exists => !found.is_empty(),
            Operator::NotExists => found.is_empty(),
            Operator::NotEquals => !found.iter().any(|value| equal(name, value, wanted)),
            Operator::Equals => found.iter().any(|value| equal(name, value, wanted)),
            Operator::Contains => found.iter().any(|value| text(value).contains(wanted)),
            Operator::In => {
                let mut words = wanted.split(',').map(str::trim);
                words.any(|word| found.iter().any(|value| equal(name, value, word)))
            }
            Operator::GreaterThan => any(name, &found, wanted, |a, b| a > b),
            Operator::GreaterThanOrEqualTo => any(name, &found, wanted, |a, b| a >= b),
            Operator::LessThan => any(name, &found, wanted, |a, b| a < b),
            Operator::LessThanOrEqualTo => any(name, &found, wanted, |a, b| a <= b),
        }
    }
}

/// Texts are compared as texts, numbers as numbers, and times with times.
fn equal(name: &str, value: &Value, wanted: &str) -> bool {
    if value.is_number() {
        return number(name, wanted).is_some_and(|wanted| value.as_f64() == Some(wanted));
    }
    text(value) == wanted
}

fn any(name: &str, found: &[&Value], wanted: &str, holds: fn(f64, f64) -> bool) -> bool {
    let Some(wanted) = number(name, wanted) else {
        return false;
    };
    found.iter().any(|value| {
        let own = value.as_f64().or_else(|| value.as_str()?.parse().ok());
        own.is_some_and(|own| holds(own, wanted))
    })
}

/// A number, or for properties that are times a moment in ISO 8601, in seconds.
fn number(name: &str, text: &str) -> Option<f64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    if !name.ends_with("Time") {
        return None;
    }
    let at = if let Ok(at) = text.parse::<jiff::Timestamp>() {
        at
    } else {
        let plain: jiff::civil::DateTime = text.parse().ok()?;
        plain.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()
    };
    Some(at.as_millisecond() as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn admits(expression: Value) -> bool {
        let item = json!({
            "TrainingJobName": "red-1",
            "CreationTime": 1_795_408_226,
            "HyperParameters": {"depth": "5"},
            "InputDataConfig": [
                {"ChannelName": "train", "Uri": "s3://a"},
                {"ChannelName": "test", "Uri": "s3://b"},
            ],
        });
        let expression: Expression = serde_json::from_value(expression).unwrap();
        expression.check().unwrap();
        expression.admits(&item)
    }

    fn filter(name: &str, operator: &str, value: &str) -> Value {
        json!({"Name": name, "Operator": operator, "Value": value})
    }

    #[test]
    fn every_operator_decides() {
        let cases = [
            ("TrainingJobName", "Equals", "red-1", true),
            ("TrainingJobName", "NotEquals", "red-1", false),
            ("TrainingJobName", "Contains", "ed", true),
            ("TrainingJobName", "In", "blue-1, red-1", true),
            ("HyperParameters.depth", "GreaterThan", "4", true),
            ("HyperParameters.depth", "LessThanOrEqualTo", "4.9", false),
            ("HyperParameters.width", "GreaterThanOrEqualTo", "0", false),
            ("CreationTime", "LessThan", "2026-11-24T00:00:00Z", true),
            ("CreationTime", "GreaterThan", "2026-11-24T00:00:00", false),
            ("Missing", "NotEquals", "x", true),
        ];
        for (name, operator, value, expected) in cases {
            let expression = json!({"Filters": [filter(name, operator, value)]});
            assert_eq!(admits(expression), expected, "{name} {operator} {value}");
        }
        assert!(admits(
            json!({"Filters": [{"Name": "TrainingJobName", "Operator": "Exists"}]})
        ));
        assert!(admits(
            json!({"Filters": [{"Name": "X", "Operator": "NotExists"}]})
        ));
    }

    #[test]
    fn nested_filters_look_at_one_element() {
        let nested = |uri: &str| {
            json!({"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": [
                filter("InputDataConfig.ChannelName", "Equals", "train"),
                filter("InputDataConfig.Uri", "Equals", uri),
            ]}]})
        };
        assert!(admits(nested("s3://a")));
        assert!(!admits(nested("s3://b")));
    }

    #[test]
    fn operators_join_and_depth_is_bounded() {
        let (good, bad) = (
            filter("TrainingJobName", "Equals", "red-1"),
            filter("A", "Equals", "b"),
        );
        assert!(admits(json!({"Operator": "Or", "Filters": [good, bad]})));
        assert!(!admits(
            json!({"SubExpressions": [{"Filters": [good]}, {"Filters": [bad]}]})
        ));
        let mut deep = json!({"Filters": [good]});
        for _ in 0..20 {
            deep = json!({"SubExpressions": [deep]});
        }
        let deep: Expression = serde_json::from_value(deep).unwrap();
        assert!(deep.check().is_err());
        let bare = json!({"Filters": [{"Name": "A", "Operator": "Equals"}]});
        assert!(
            serde_json::from_value::<Expression>(bare)
                .unwrap()
                .check()
                .is_err()
        );
    }
}
