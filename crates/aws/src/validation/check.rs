//! Walks a request beside its shape.

use super::model::{Kind, Model, Shape};
use crate::fault::Fault;
use crate::operation::lower_first;
use serde_json::Value;

/// Violations that are named in one answer.
const MOST: usize = 10;
/// Longest value that is repeated to the caller.
const LONGEST_SHOWN: usize = 200;

/// Refuses a request that the model forbids. `code` is the service's word for that.
pub(crate) fn check(
    model: &Model,
    operation: &str,
    request: &Value,
    code: &'static str,
) -> Result<(), Fault> {
    let Some(shape) = model
        .operations
        .get(operation)
        .and_then(|name| model.shapes.get(name))
    else {
        return Ok(());
    };
    let mut walk = Walk {
        model,
        violations: Vec::new(),
    };
    walk.value("", request, shape)?;
    match walk.violations.as_slice() {
        [] => Ok(()),
        [one] => Err(Fault::new(
            code,
            format!("1 validation error detected: {one}"),
        )),
        several => Err(Fault::new(
            code,
            format!(
                "{} validation errors detected: {}",
                several.len(),
                several.join("; ")
            ),
        )),
    }
}

struct Walk<'a> {
    model: &'a Model,
    violations: Vec<String>,
}

impl Walk<'_> {
    fn forbid(&mut self, path: &str, value: &str, constraint: &str) {
        if self.violations.len() < MOST {
            let shown: String = value.chars().take(LONGEST_SHOWN).collect();
            // Keys of maps stand in paths, and are as long as the caller likes.
            let path: String = path.chars().take(LONGEST_SHOWN).collect();
            self.violations.push(format!(
                "Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
            ));
        }
    }

    fn named(&mut self, path: &str, value: &Value, shape: &str) -> Result<(), Fault> {
        match self.model.shapes.get(shape) {
            Some(shape) => self.value(path, value, shape),
            None => Ok(()),
        }
    }

    fn value(&mut self, path: &str, value: &Value, shape: &Shape) -> Result<(), Fault> {
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => {
                for name in &shape.required {
                    if members.get(name).is_none_or(Value::is_null) {
                        let constraint = "Member must not be null";
                        self.forbid(&join(path, name), "null", constraint);
                    }
                }
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    if let Some(shape) = shape.members.get(name) {
                        self.named(&join(path, name), value, shape)?;
                    }
                }
                Ok(())
            }
            (Kind::List, Value::Array(items)) => {
                self.length(path, || value.to_string(), items.len(), shape);
                for (index, item) in items.iter().enumerate() {
                    if let Some(element) = &shape.element {
                        self.named(&format!("{path}.{}.member", index + 1), item, element)?;
                    }
                }
                Ok(())
            }
            (Kind::Map, Value::Object(entries)) => {
                self.length(path, || value.to_string(), entries.len(), shape);
                for (name, value) in entries {
                    if let Some(key) = &shape.key {
                        self.named(path, &Value::String(name.clone()), key)?;
                    }
                    if let Some(shape) = &shape.value {
                        self.named(&format!("{path}.{name}.member"), value, shape)?;
                    }
                }
                Ok(())
            }
            (Kind::String, Value::String(text)) => {
                self.text(path, text, shape);
                Ok(())
            }
            (Kind::Integer | Kind::Long, Value::Number(number)) if !number.is_f64() => {
                self.number(path, value, shape);
                Ok(())
            }
            (Kind::Float | Kind::Double, Value::Number(_)) => {
                self.number(path, value, shape);
                Ok(())
            }
            // JSON has no infinities; AWS writes them as texts.
            (Kind::Float | Kind::Double, Value::String(text))
                if ["NaN", "Infinity", "-Infinity"].contains(&text.as_str()) =>
            {
                Ok(())
            }
            (Kind::Boolean, Value::Bool(_))
            | (Kind::Timestamp, Value::Number(_) | Value::String(_))
            | (Kind::Blob, Value::String(_)) => Ok(()),
            (kind, _) => Err(Fault::new(
                "SerializationException",
                format!("`{path}` must be a {kind:?}").to_lowercase(),
            )),
        }
    }

    fn text(&mut self, path: &str, text: &str, shape: &Shape) {
        let shown = format!("'{text}'");
        self.length(path, || shown.clone(), text.chars().count(), shape);
        if !shape.values.is_empty() && !shape.values.iter().any(|value| value == text) {
            let constraint = format!(
                "Member must satisfy enum value set: [{}]",
                shape.values.join(", ")
            );
            self.forbid(path, &shown, &constraint);
        }
        if let Some(pattern) = &shape.pattern
            && !pattern.matches(text)
        {
            let constraint = format!(
                "Member must satisfy regular expression pattern: {}",
                pattern.text
            );
            self.forbid(path, &shown, &constraint);
        }
    }

    fn length(&mut self, path: &str, shown: impl Fn() -> String, length: usize, shape: &Shape) {
        if let Some(min) = shape.min.filter(|min| (length as f64) < *min) {
            let constraint = format!("Member must have length greater than or equal to {min}");
            self.forbid(path, &shown(), &constraint);
        }
        if let Some(max) = shape.max.filter(|max| (length as f64) > *max) {
            let constraint = format!("Member must have length less than or equal to {max}");
            self.forbid(path, &shown(), &constraint);
        }
    }

    fn number(&mut self, path: &str, value: &Value, shape: &Shape) {
        let number = value.as_f64().unwrap_or_default();
        let shown = format!("'{value}'");
        if let Some(min) = shape.min.filter(|min| number < *min) {
            let constraint = format!("Member must have value greater than or equal to {min}");
            self.forbid(path, &shown, &constraint);
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            let constraint = format!("Member must have value less than or equal to {max}");
            self.forbid(path, &shown, &constraint);
        }
    }
}

fn join(path: &str, name: &str) -> String {
    let name = lower_first(name);
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::SAGEMAKER;
    use serde_json::json;

    fn said(operation: &str, request: &Value) -> String {
        match check(&SAGEMAKER, operation, request, "ValidationException") {
            Ok(()) => String::new(),
            Err(fault) => fault.message,
        }
    }

    #[test]
    fn what_the_model_forbids_is_named() {
        let request = json!({
            "TrainingJobName": "-no-",
            "RoleArn": "nobody",
            "OutputDataConfig": {"S3OutputPath": "s3://b/"},
            "ResourceConfig": {"InstanceType": "ml.none.large", "InstanceCount": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 0},
        });
        let text = said("CreateTrainingJob", &request);
        for part in [
            "validation errors detected: ",
            "Value '-no-' at 'trainingJobName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: ",
            "Value 'nobody' at 'roleArn'",
            "Value 'ml.none.large' at 'resourceConfig.instanceType' failed to satisfy constraint: \
             Member must satisfy enum value set: [",
            "Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: \
             Member must have value greater than or equal to 1",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn what_is_missing_and_what_is_of_another_kind_is_named() {
        assert_eq!(
            said("DescribeModel", &json!({})),
            "1 validation error detected: Value null at 'modelName' failed to satisfy \
             constraint: Member must not be null"
        );
        let wrong = said("DescribeModel", &json!({"ModelName": [1]}));
        assert!(wrong.contains("modelname"), "{wrong}");
        assert_eq!(
            said("DescribeModel", &json!({"ModelName": "m", "Further": 1})),
            ""
        );
        assert_eq!(said("NoSuchOperation", &json!({})), "");
    }
}
