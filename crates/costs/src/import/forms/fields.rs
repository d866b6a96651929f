//! What forms share when they read cells.

use crate::amount::Amount;
use crate::row::Reject;
use serde_json::{Map, Value};

/// Places of columns by name.
pub(super) struct Places(Vec<String>);

impl Places {
    pub(super) fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// The first of several names that the header has.
    pub(super) fn of(&self, names: &[&str]) -> Option<usize> {
        let place = |name: &&str| self.0.iter().position(|known| known == name);
        names.iter().find_map(place)
    }
}

/// A number, when the cell has one.
pub(super) fn number(column: &str, text: Option<&str>) -> Result<Option<Amount>, Reject> {
    match text {
        None | Some("NULL" | "null") => Ok(None),
        Some(text) => match text.parse() {
            Ok(amount) => Ok(Some(amount)),
            Err(error) => {
                let shown: String = text.chars().take(80).collect();
                Err(Reject::new(column, format!("`{shown}` {error}")))
            }
        },
    }
}

/// Tags as a JSON object; `None` when there are none.
pub(super) fn json_of(tags: Map<String, Value>) -> Option<String> {
    (!tags.is_empty()).then(|| Value::Object(tags).to_string())
}
