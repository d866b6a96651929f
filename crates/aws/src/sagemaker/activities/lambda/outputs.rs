//! What a function's answer has for later steps.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Longest text of an output; the model's own limit.
const LONGEST: usize = 1_024;

/// A value that the function's answer has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    output_name: String,
    #[serde(default)]
    output_type: Option<String>,
}

/// The declared outputs of an answer, as names and values of their types.
pub(super) fn of(declared: &[Output], answer: &Value) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for output in declared {
        let name = &output.output_name;
        let value = answer
            .get(name)
            .ok_or_else(|| format!("its answer has no `{name}`, which the step declares"))?;
        let good = match output.output_type.as_deref() {
            None | Some("String") => value.is_string(),
            Some("Integer") => value.is_i64() || value.is_u64(),
            Some("Float") => value.is_number(),
            Some("Boolean") => value.is_boolean(),
            Some(other) => return Err(format!("the output `{name}` has the type `{other}`")),
        };
        // A number or a truth is a text where a text is declared, as what names it expects.
        let value = match (good, value) {
            (true, value) => value.clone(),
            (false, value @ (Value::Number(_) | Value::Bool(_)))
                if matches!(output.output_type.as_deref(), None | Some("String")) =>
            {
                json!(value.to_string())
            }
            _ => {
                return Err(format!(
                    "the `{name}` of its answer is not of the declared type"
                ));
            }
        };
        if value.as_str().is_some_and(|text| text.len() > LONGEST) {
            return Err(format!(
                "the `{name}` of its answer is longer than {LONGEST} characters"
            ));
        }
        found.push(json!({"Name": name, "Value": value}));
    }
    Ok(found)
}

/// A step's metadata: outputs are texts there.
pub(crate) fn metadata(handle: Option<&Value>, result: Option<&Value>) -> Value {
    let mut shown = Map::new();
    if let Some(arn) = handle.or(result).and_then(|value| value.get("Arn")) {
        shown.insert("Arn".to_owned(), arn.clone());
    }
    if let Some(Value::Array(outputs)) = result.and_then(|result| result.get("OutputParameters")) {
        let texts = outputs.iter().map(|output| {
            let value = match &output["Value"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            json!({"Name": output["Name"], "Value": value})
        });
        shown.insert("OutputParameters".to_owned(), texts.collect());
    }
    json!({"Lambda": shown})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str, of: &str) -> Output {
        Output {
            output_name: name.to_owned(),
            output_type: Some(of.to_owned()),
        }
    }

    #[test]
    fn outputs_are_what_was_declared() {
        let answer = json!({"a": "x", "n": 3, "f": 0.5, "b": true, "other": 1});
        let all = [
            declared("a", "String"),
            declared("n", "Integer"),
            declared("f", "Float"),
            declared("b", "Boolean"),
        ];
        let found = of(&all, &answer).unwrap();
        assert_eq!(found[1], json!({"Name": "n", "Value": 3}));
        assert_eq!(
            of(&[declared("n", "String")], &answer).unwrap(),
            [json!({"Name": "n", "Value": "3"})]
        );
        for bad in [
            declared("none", "String"),
            declared("a", "Integer"),
            declared("f", "Integer"),
            declared("n", "Boolean"),
            declared("n", "Thing"),
        ] {
            assert!(of(std::slice::from_ref(&bad), &answer).is_err(), "{bad:?}");
        }
        assert!(of(&all, &Value::Null).is_err());
    }

    #[test]
    fn metadata_has_texts() {
        let result = json!({"Arn": "arn", "OutputParameters": [{"Name": "n", "Value": 3}]});
        let shown = metadata(None, Some(&result));
        assert_eq!(shown["Lambda"]["Arn"], "arn");
        assert_eq!(shown["Lambda"]["OutputParameters"][0]["Value"], "3");
    }
}
