//! A pipeline's parameters: declared in the definition, given when it is started.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// As the definition declares one.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Declared {
    pub(crate) name: String,
    #[serde(rename = "Type")]
    pub(crate) of: String,
    #[serde(default)]
    pub(crate) default_value: Option<Value>,
    #[serde(default)]
    pub(crate) enum_values: Vec<Value>,
}

/// As a start gives one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// The value of every declared parameter.
///
/// # Errors
/// What is missing, unknown, given twice, or of another type.
pub(crate) fn values(declared: &[Declared], given: &[Given]) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    for given in given {
        let Some(parameter) = declared.iter().find(|known| known.name == given.name) else {
            return Err(format!(
                "Unknown parameter [{}]: the pipeline does not declare it",
                given.name
            ));
        };
        let value = convert(parameter, &Value::String(given.value.clone()))?;
        if values.insert(given.name.clone(), value).is_some() {
            return Err(format!("Parameter [{}] is given twice", given.name));
        }
    }
    for parameter in declared {
        if values.contains_key(&parameter.name) {
            continue;
        }
        let Some(default) = &parameter.default_value else {
            return Err(format!(
                "Parameter [{}] is required and has no default value",
                parameter.name
            ));
        };
        let value = convert(parameter, default)?;
        values.insert(parameter.name.clone(), value);
    }
    Ok(values)
}

/// A value in its parameter's type; starts give all of them as texts.
fn convert(parameter: &Declared, value: &Value) -> Result<Value, String> {
    let wrong = || {
        let name = &parameter.name;
        format!(
            "The value of parameter [{name}] is not of type {}",
            parameter.of
        )
    };
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let converted = match parameter.of.as_str() {
        "String" => Value::String(text),
        "Integer" => Value::from(text.trim().parse::<i64>().map_err(|_| wrong())?),
        "Float" => {
            let number: f64 = text.trim().parse().map_err(|_| wrong())?;
            Number::from_f64(number)
                .map(Value::Number)
                .ok_or_else(wrong)?
        }
        "Boolean" => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(wrong()),
        },
        other => return Err(format!("the parameter type `{other}` is not known")),
    };
    let choices = &parameter.enum_values;
    if !choices.is_empty() && !choices.contains(&converted) {
        return Err(format!(
            "The value of parameter [{}] is none of its EnumValues",
            parameter.name
        ));
    }
    Ok(converted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn declared() -> Vec<Declared> {
        serde_json::from_value(json!([
            {"Name": "Data", "Type": "String"},
            {"Name": "Trees", "Type": "Integer", "DefaultValue": 100},
            {"Name": "Least", "Type": "Float", "DefaultValue": 0.8},
            {"Name": "Kind", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]}
        ]))
        .unwrap()
    }

    fn given(pairs: &[(&str, &str)]) -> Vec<Given> {
        let one = |(name, value): &(&str, &str)| Given {
            name: (*name).into(),
            value: (*value).into(),
        };
        pairs.iter().map(one).collect()
    }

    #[test]
    fn texts_become_what_was_declared() {
        let all = values(&declared(), &given(&[("Data", "s3://b/k"), ("Trees", "7")])).unwrap();
        assert_eq!(
            Value::Object(all),
            json!({"Data": "s3://b/k", "Trees": 7, "Least": 0.8, "Kind": "a"})
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for bad in [
            &[][..],
            &[("Data", "x"), ("Other", "y")],
            &[("Data", "x"), ("Trees", "many")],
            &[("Data", "x"), ("Kind", "c")],
            &[("Data", "x"), ("Least", "NaN")],
            &[("Data", "x"), ("Data", "y")],
        ] {
            assert!(values(&declared(), &given(bad)).is_err(), "{bad:?}");
        }
    }
}
