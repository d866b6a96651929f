//! Scalars: whatever people write without thinking about YAML's types. `3.10`, `yes` and `1e-3`
//! reach us as they are spelled.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A text; numbers and true or false are taken as they are spelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text(pub(crate) String);

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// One text or a list of them.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(crate) enum OneOrMore {
    /// Just one.
    One(Text),
    /// Any number.
    More(Vec<Text>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl OneOrMore {
    /// Each with its path below that of the whole.
    pub(crate) fn with_paths(&self) -> Vec<(Option<usize>, &Text)> {
        match self {
            Self::One(text) => vec![(None, text)],
            Self::More(texts) => texts
                .iter()
                .enumerate()
                .map(|(at, text)| (Some(at), text))
                .collect(),
        }
    }
}
