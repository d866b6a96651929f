//! The parameters of a file and the values that the command line gives them.

use std::collections::BTreeMap;

use domain::nearest::nearest_names;
use serde_json::Value;

use crate::error::{Error, Mistake};
use crate::node::{Key, Kind, Node};

/// Reads `name=value` as it is given to `--set`.
///
/// # Errors
/// [`Error::BadOverride`] when there is no `=` or no name before it.
pub fn parse_override(text: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err(Error::BadOverride {
            text: text.chars().take(80).collect(),
        }),
    }
}

/// The values that a run will have: the file's, with the overrides in their place and of their
/// kind.
pub(crate) fn resolve(
    root: &Node,
    overrides: &BTreeMap<String, String>,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Value> {
    let declared: &[(Key, Node)] = match root.get("parameters").map(|node| &node.kind) {
        Some(Kind::Map(entries)) => entries,
        _ => &[],
    };
    let mut values = BTreeMap::new();
    for (key, node) in declared {
        let name = &key.name;
        if !is_word(name) {
            let message = format!(
                "the parameter `{}` must be made of letters, digits, `_` and `-`, and begin with \
                 a letter",
                name.escape_debug()
            );
            mistakes.push(Mistake::at(key.span.clone(), message));
            continue;
        }
        let default = node.to_value();
        let value = match overrides.get(name) {
            Some(text) => match of_kind(text, &default) {
                Ok(value) => value,
                Err(wanted) => {
                    let message = format!(
                        "the parameter `{name}` is {wanted} (`{default}` in the file), but `{}` \
                         was given for it",
                        text.escape_debug()
                    );
                    mistakes.push(Mistake::at(key.span.clone(), message));
                    continue;
                }
            },
            None if default.is_null() => {
                let message =
                    format!("the parameter `{name}` has no value, give one by `--set {name}=…`");
                mistakes.push(Mistake::at(key.span.clone(), message));
                continue;
            }
            None => default,
        };
        values.insert(name.clone(), value);
    }
    for name in overrides.keys() {
        if !declared.iter().any(|(key, _)| key.name == *name) {
            let known: Vec<&str> = declared.iter().map(|(key, _)| key.name.as_str()).collect();
            let hint = match nearest_names(name, known.iter().copied()).first() {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "the file has no `parameters`".to_owned(),
                None => format!("the file has `{}`", known.join("`, `")),
            };
            let name = name.escape_debug();
            mistakes.push(Mistake::outside(format!(
                "`{name}` is not a parameter, {hint}"
            )));
        }
    }
    values
}

/// Whether a name can be written in an expression without quotes and dots.
pub(crate) fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// A text as a value of the same kind as the default's; what was wanted, when it is not one.
fn of_kind(text: &str, default: &Value) -> Result<Value, &'static str> {
    let json: Option<Value> = serde_json::from_str(text).ok();
    match default {
        Value::String(_) => Ok(Value::String(text.to_owned())),
        Value::Bool(_) => json.filter(Value::is_boolean).ok_or("`true` or `false`"),
        Value::Number(number) if number.is_f64() => json.filter(Value::is_number).ok_or("a number"),
        Value::Number(_) => json
            .filter(|value| value.is_i64() || value.is_u64())
            .ok_or("a whole number"),
        Value::Array(_) => json
            .filter(Value::is_array)
            .ok_or("a list such as `[1, 2]`"),
        Value::Object(_) => json
            .filter(Value::is_object)
            .ok_or("a map such as `{\"a\": 1}`"),
        Value::Null => Ok(json.unwrap_or_else(|| Value::String(text.to_owned()))),
    }
}
