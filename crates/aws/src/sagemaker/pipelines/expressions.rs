//! What stands for a value in a definition: `Get`, `Std:Join`, `Std:JsonGet`.

use super::path::{self, Part};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How deep values may stand in each other.
const DEEPEST: usize = 128;

/// What a text of `Std:JsonGet` is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum File {
    /// A property file of a step.
    Property {
        /// The step.
        step: String,
        /// The file.
        name: String,
    },
    /// An object by its address.
    Object(String),
}

/// Where values come from.
pub(crate) trait Source: Sync {
    /// The value of `Parameters.X`, `Execution.X`, `Steps.S.…`.
    ///
    /// # Errors
    /// When it refers to nothing.
    fn get(&self, reference: &str) -> Result<Value, String>;

    /// The JSON of a file.
    ///
    /// # Errors
    /// When it is not there or no JSON.
    fn file(&self, file: &File) -> Result<Value, String>;
}

/// The steps that a value refers to.
pub(crate) fn steps_of(value: &Value) -> BTreeSet<String> {
    let mut steps = BTreeSet::new();
    references(value, &mut |reference| {
        if let Some(rest) = reference.strip_prefix("Steps.") {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.insert(rest[..end].to_owned());
        }
    });
    steps
}

/// The parameters that a value refers to.
pub(crate) fn parameters_of(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    references(value, &mut |reference| {
        if let Some(name) = reference.strip_prefix("Parameters.") {
            names.insert(name.to_owned());
        }
    });
    names
}

fn references(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(members) => match only(members) {
            Some(("Get", Value::String(reference))) => each(reference),
            _ => members.values().for_each(|inner| references(inner, each)),
        },
        Value::Array(all) => all.iter().for_each(|inner| references(inner, each)),
        _ => {}
    }
}

/// The files that a value reads, with their addresses still to be evaluated.
pub(crate) fn files_of<'a>(value: &'a Value, into: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(members) => {
            if let Some(("Std:JsonGet", Value::Object(arguments))) = only(members) {
                into.push(arguments);
            }
            members.values().for_each(|inner| files_of(inner, into));
        }
        Value::Array(all) => all.iter().for_each(|inner| files_of(inner, into)),
        _ => {}
    }
}

fn only(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut all = members.iter();
    let first = all.next()?;
    all.next().is_none().then_some((first.0.as_str(), first.1))
}

/// A value with everything in it that stands for another one replaced.
///
/// # Errors
/// When something refers to nothing, or is malformed.
pub(crate) fn evaluate(value: &Value, source: &dyn Source) -> Result<Value, String> {
    deep(value, source, 0)
}

fn deep(value: &Value, source: &dyn Source, depth: usize) -> Result<Value, String> {
    if depth > DEEPEST {
        return Err("values stand too deep in each other".to_owned());
    }
    match value {
        Value::Object(members) => match only(members) {
            Some(("Get", Value::String(reference))) => source.get(reference),
            Some(("Std:Join", arguments)) => join(arguments, source, depth),
            Some(("Std:JsonGet", Value::Object(arguments))) => json_get(arguments, source),
            _ => {
                let mut done = Map::new();
                for (name, inner) in members {
                    done.insert(name.clone(), deep(inner, source, depth + 1)?);
                }
                Ok(Value::Object(done))
            }
        },
        Value::Array(all) => {
            let done: Result<Vec<Value>, String> = all
                .iter()
                .map(|inner| deep(inner, source, depth + 1))
                .collect();
            done.map(Value::Array)
        }
        plain => Ok(plain.clone()),
    }
}

fn join(arguments: &Value, source: &dyn Source, depth: usize) -> Result<Value, String> {
    let on = arguments.get("On").and_then(Value::as_str).unwrap_or("");
    let values = arguments.get("Values").unwrap_or(&Value::Null);
    let Value::Array(values) = deep(values, source, depth + 1)? else {
        return Err("`Std:Join` needs a list of `Values`".to_owned());
    };
    let texts: Result<Vec<String>, String> = values.iter().map(text).collect();
    Ok(Value::String(texts?.join(on)))
}

/// A plain value as text.
///
/// # Errors
/// When it is a list or an object.
pub(crate) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(yes) => Ok(yes.to_string()),
        _ => Err("only texts, numbers and booleans can be joined".to_owned()),
    }
}

fn json_get(arguments: &Map<String, Value>, source: &dyn Source) -> Result<Value, String> {
    let file = file(arguments, source)?;
    let content = source.file(&file)?;
    let text = match arguments.get("Path") {
        Some(path) => text(&evaluate(path, source)?)?,
        None => return Err("`Std:JsonGet` needs a `Path`".to_owned()),
    };
    let found =
        path::parse(&text).and_then(|parts: Vec<Part>| path::walk(&content, &parts).cloned());
    found.ok_or_else(|| format!("`Std:JsonGet` found nothing at the path `{text}`"))
}

/// Which file a `Std:JsonGet` reads.
///
/// # Errors
/// When it names none.
pub(crate) fn file(arguments: &Map<String, Value>, source: &dyn Source) -> Result<File, String> {
    if let Some(address) = arguments.get("S3Uri") {
        return Ok(File::Object(text(&evaluate(address, source)?)?));
    }
    let reference = arguments
        .get("PropertyFile")
        .and_then(|file| file.get("Get"))
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix("Steps."));
    let parts = reference.and_then(path::parse);
    match parts.as_deref() {
        Some([Part::Name(step), Part::Name(word), Part::Name(name)]) if word == "PropertyFiles" => {
            Ok(File::Property {
                step: step.clone(),
                name: name.clone(),
            })
        }
        _ => Err("`Std:JsonGet` needs a `PropertyFile` or an `S3Uri`".to_owned()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// Values from one JSON document: `Parameters.X` is a member of a member.
    pub(crate) struct Given(pub(crate) Value);

    impl Source for Given {
        fn get(&self, reference: &str) -> Result<Value, String> {
            let parts = path::parse(reference).ok_or("no reference")?;
            let found = path::walk(&self.0, &parts);
            found
                .cloned()
                .ok_or_else(|| format!("`{reference}` is nothing"))
        }
        fn file(&self, file: &File) -> Result<Value, String> {
            match file {
                File::Property { name, .. } => self.get(&format!("Files.{name}")),
                File::Object(address) => Err(format!("{address} is not there")),
            }
        }
    }

    #[test]
    fn everything_that_stands_for_a_value_is_replaced() {
        let source = Given(json!({
            "Parameters": {"Bucket": "b", "N": 3},
            "Steps": {"Split": {"Outputs": [{"OutputName": "train", "Uri": "s3://b/train"}]}},
            "Files": {"Eval": {"metrics": {"accuracy": {"value": 0.9}}}},
        }));
        let value = json!({
            "Uri": {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.Bucket"}, "k", {"Get": "Parameters.N"}]}},
            "List": [{"Get": "Steps.Split.Outputs['train'].Uri"}, 1],
            "Score": {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.E.PropertyFiles.Eval"}, "Path": "metrics.accuracy.value"}},
            "Plain": {"Get": "x", "And": "y"},
        });
        assert_eq!(
            steps_of(&value),
            BTreeSet::from(["Split".into(), "E".into()])
        );
        assert_eq!(
            evaluate(&value, &source).unwrap(),
            json!({
                "Uri": "s3://b/k/3", "List": ["s3://b/train", 1], "Score": 0.9,
                "Plain": {"Get": "x", "And": "y"},
            })
        );
    }

    #[test]
    fn what_refers_to_nothing_is_an_error() {
        let source = Given(json!({"Files": {"Eval": {}}}));
        for bad in [
            json!({"Get": "Parameters.X"}),
            json!({"Std:Join": {"On": "/", "Values": "x"}}),
            json!({"Std:Join": {"On": "/", "Values": [[1]]}}),
            json!({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.E.PropertyFiles.Eval"}, "Path": "a.b"}}),
            json!({"Std:JsonGet": {"Path": "a"}}),
        ] {
            assert!(evaluate(&bad, &source).is_err(), "{bad}");
        }
    }
}
