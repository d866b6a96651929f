//! The conditions of a Condition step, all of them and-ed.

use super::expressions::{self, Source};
use serde_json::Value;
use std::cmp::Ordering;

/// How deep conditions may stand in each other.
const DEEPEST: usize = 64;

/// Whether all conditions of a list hold.
///
/// # Errors
/// When a condition is malformed, or compares what cannot be compared.
pub(crate) fn all(conditions: &Value, source: &dyn Source) -> Result<bool, String> {
    let Value::Array(conditions) = conditions else {
        return Err("a condition step needs a list of `Conditions`".to_owned());
    };
    for condition in conditions {
        if !holds(condition, source, 0)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds(condition: &Value, source: &dyn Source, depth: usize) -> Result<bool, String> {
    if depth > DEEPEST {
        return Err("conditions stand too deep in each other".to_owned());
    }
    let kind = condition.get("Type").and_then(Value::as_str).unwrap_or("");
    let side = |name: &str| {
        let value = condition.get(name);
        let value = value.ok_or_else(|| format!("the condition {kind} needs `{name}`"))?;
        expressions::evaluate(value, source)
    };
    let ordered =
        |fits: fn(Ordering) -> bool| compare(&side("LeftValue")?, &side("RightValue")?).map(fits);
    match kind {
        "Equals" => Ok(equal(&side("LeftValue")?, &side("RightValue")?)),
        "GreaterThan" => ordered(Ordering::is_gt),
        "GreaterThanOrEqualTo" => ordered(Ordering::is_ge),
        "LessThan" => ordered(Ordering::is_lt),
        "LessThanOrEqualTo" => ordered(Ordering::is_le),
        "In" => {
            let wanted = side("QueryValue")?;
            match side("Values")? {
                Value::Array(values) => Ok(values.iter().any(|value| equal(value, &wanted))),
                _ => Err("the condition In needs a list of `Values`".to_owned()),
            }
        }
        "Not" => {
            let inner = condition.get("Expression");
            let inner = inner.ok_or("the condition Not needs an `Expression`")?;
            Ok(!holds(inner, source, depth + 1)?)
        }
        "Or" => {
            let Some(Value::Array(inner)) = condition.get("Conditions") else {
                return Err("the condition Or needs a list of `Conditions`".to_owned());
            };
            for condition in inner {
                if holds(condition, source, depth + 1)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        other => Err(format!("the condition `{other}` is not known")),
    }
}

/// Numbers are equal by value: 1 is 1.0, and a text that is a number is that number when the other
/// side is one.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), _) | (_, Value::Number(_)) => {
            matches!(compare(left, right), Ok(Ordering::Equal))
        }
        _ => left == right,
    }
}

fn compare(left: &Value, right: &Value) -> Result<Ordering, String> {
    if let (Value::String(left), Value::String(right)) = (left, right) {
        return Ok(left.cmp(right));
    }
    let number = |value: &Value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let compared = number(left).and_then(|l| number(right).and_then(|r: f64| l.partial_cmp(&r)));
    compared.ok_or_else(|| format!("{left} and {right} cannot be compared"))
}

#[cfg(test)]
mod tests {
    use super::super::expressions::tests::Given;
    use super::*;
    use serde_json::json;

    fn check(condition: Value) -> Result<bool, String> {
        let source = Given(json!({"Parameters": {"X": 0.85, "Word": "b"}}));
        all(&json!([condition]), &source)
    }

    #[test]
    fn every_operator_decides() {
        let x = json!({"Get": "Parameters.X"});
        let two = |kind: &str, right: f64| {
            check(json!({"Type": kind, "LeftValue": x, "RightValue": right})).unwrap()
        };
        assert!(two("Equals", 0.85) && !two("Equals", 0.8));
        assert!(two("GreaterThan", 0.8) && !two("GreaterThan", 0.85));
        assert!(two("GreaterThanOrEqualTo", 0.85) && !two("GreaterThanOrEqualTo", 0.9));
        assert!(two("LessThan", 0.9) && !two("LessThan", 0.85));
        assert!(two("LessThanOrEqualTo", 0.85) && !two("LessThanOrEqualTo", 0.8));
        let word =
            json!({"Type": "In", "QueryValue": {"Get": "Parameters.Word"}, "Values": ["a", "b"]});
        assert!(check(word.clone()).unwrap());
        assert!(!check(json!({"Type": "Not", "Expression": word})).unwrap());
        let low = json!({"Type": "LessThan", "LeftValue": x, "RightValue": 0});
        assert!(check(json!({"Type": "Or", "Conditions": [low, word]})).unwrap());
        assert!(!check(json!({"Type": "Or", "Conditions": [low]})).unwrap());
        assert!(check(json!({"Type": "Equals", "LeftValue": 1, "RightValue": 1.0})).unwrap());
        assert!(
            check(json!({"Type": "GreaterThan", "LeftValue": "0.9", "RightValue": 0.8})).unwrap()
        );
    }

    #[test]
    fn what_cannot_be_decided_is_an_error() {
        for bad in [
            json!({"Type": "Nope"}),
            json!({"Type": "GreaterThan", "LeftValue": [1], "RightValue": 2}),
            json!({"Type": "GreaterThan", "LeftValue": 1}),
            json!({"Type": "In", "QueryValue": 1, "Values": 1}),
            json!({"Type": "Not"}),
        ] {
            assert!(check(bad.clone()).is_err(), "{bad}");
        }
    }
}
