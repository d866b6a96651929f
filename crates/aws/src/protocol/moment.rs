//! Times in answers of services that are spoken in several protocols: an operation marks them,
//! and each protocol writes them in its own form.

use crate::time::{Epoch, iso};
use domain::Timestamp;
use serde_json::{Map, Value, json};

/// The name that nothing else in an answer has.
const MARK: &str = "\u{1}moment";

/// A time in an answer.
pub(crate) fn marked(at: Timestamp) -> Value {
    Value::Object(Map::from_iter([(MARK.to_owned(), json!(at.0))]))
}

/// The time that a value marks.
pub(crate) fn of(value: &Value) -> Option<Timestamp> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(MARK)?.as_i64().map(Timestamp)
}

/// Writes every marked time as seconds since 1970.
pub(crate) fn as_seconds(value: Value) -> Value {
    written(value, &|at| json!(Epoch(at)))
}

/// Writes every marked time as text.
pub(crate) fn as_text(value: Value) -> Value {
    written(value, &|at| json!(iso(at)))
}

fn written(value: Value, form: &dyn Fn(Timestamp) -> Value) -> Value {
    if let Some(at) = of(&value) {
        return form(at);
    }
    match value {
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name, written(value, form)));
            Value::Object(members.collect())
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| written(item, form)).collect())
        }
        other => other,
    }
}
