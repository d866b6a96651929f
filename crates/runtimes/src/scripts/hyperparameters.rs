//! Hyperparameters as arguments of a script.
//!
//! The form is SageMaker's (`mapping.to_cmd_args` of sagemaker-training 5.1, November 2026):
//! sorted by name, `--name value`, `-n value` when the name is one letter, and names with the
//! prefix `sagemaker_` left out because they speak to the platform. A value that is JSON text is
//! decoded, because SageMaker's SDK encodes each value so; `true` becomes `True`, as Python's
//! `str` writes it.

use serde_json::Value;
use std::collections::BTreeMap;

/// Names with this prefix are not the user's.
const PLATFORM: &str = "sagemaker_";
/// Nor is this one, by which a tuner tells its trials what it looks at.
const OBJECTIVE: &str = "_tuning_objective_metric";

fn is_platform(name: &str) -> bool {
    name.starts_with(PLATFORM) || name == OBJECTIVE
}

/// The values that user code shall see, decoded.
pub(super) fn decoded(hyperparameters: &BTreeMap<String, String>) -> BTreeMap<&str, Value> {
    hyperparameters
        .iter()
        .filter(|(name, _)| !is_platform(name))
        .map(|(name, value)| (name.as_str(), decode(value)))
        .collect()
}

/// Platform parameters, which frameworks look for in `SM_FRAMEWORK_PARAMS`.
pub(super) fn platform(hyperparameters: &BTreeMap<String, String>) -> BTreeMap<&str, Value> {
    hyperparameters
        .iter()
        .filter(|(name, _)| is_platform(name))
        .map(|(name, value)| (name.as_str(), decode(value)))
        .collect()
}

fn decode(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()))
}

/// The arguments for all hyperparameters.
pub fn arguments(hyperparameters: &BTreeMap<String, String>) -> Vec<String> {
    let mut arguments = Vec::new();
    for (name, value) in decoded(hyperparameters) {
        let dashes = if name.chars().count() > 1 { "--" } else { "-" };
        arguments.push(format!("{dashes}{name}"));
        arguments.push(argument(&hyperparameters[name], &value));
    }
    arguments
}

fn argument(given: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(object) => {
            let mut pairs: Vec<String> = object
                .iter()
                .map(|(name, value)| format!("{name}={}", python(value)))
                .collect();
            pairs.sort();
            pairs.join(",")
        }
        Value::Array(_) => python(value),
        // As it was given: decoding and writing a number may change its digits.
        Value::Number(_) => given.trim().to_owned(),
    }
}

/// A value as Python's `str` writes it.
fn python(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => python_inner(other),
    }
}

fn python_inner(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let escaped = text.replace('\\', "\\\\");
            if text.contains('\'') && !text.contains('"') {
                format!("\"{escaped}\"")
            } else {
                format!("'{}'", escaped.replace('\'', "\\'"))
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_inner).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let pairs: Vec<String> = object
                .iter()
                .map(|(name, value)| {
                    format!(
                        "{}: {}",
                        python_inner(&Value::String(name.clone())),
                        python_inner(value)
                    )
                })
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn become_arguments_as_sagemaker_makes_them() {
        let given = [
            ("n_estimators", "100"),
            ("lr", "1e-3"),
            ("x", "5"),
            ("name", "\"quoted\""),
            ("plain", "two words"),
            ("flag", "true"),
            ("nothing", "null"),
            ("map", r#"{"b": 2, "a": [1, "it's"]}"#),
            ("list", r#"["a", 1, null]"#),
            ("sagemaker_program", "\"train.py\""),
        ];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let arguments = arguments(&BTreeMap::from(given));
        assert_eq!(
            arguments,
            [
                "--flag",
                "True",
                "--list",
                "['a', 1, None]",
                "--lr",
                "1e-3",
                "--map",
                "a=[1, \"it's\"],b=2",
                "--n_estimators",
                "100",
                "--name",
                "quoted",
                "--nothing",
                "",
                "--plain",
                "two words",
                "-x",
                "5",
            ]
        );
    }
}
