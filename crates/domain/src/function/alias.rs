//! Names for versions, and how one of them is asked for.

use crate::{FunctionName, Name, Share, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which of a function's versions is meant: `$LATEST`, a number or an alias.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Qualifier {
    /// The changeable configuration.
    #[default]
    Latest,
    /// A published version.
    Version(u32),
    /// Whatever an alias points to.
    Alias(Name),
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("$LATEST"),
            Self::Version(number) => write!(f, "{number}"),
            Self::Alias(name) => write!(f, "{name}"),
        }
    }
}

impl From<Qualifier> for String {
    fn from(qualifier: Qualifier) -> Self {
        qualifier.to_string()
    }
}

impl TryFrom<String> for Qualifier {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "$LATEST" || text.is_empty() {
            return Ok(Self::Latest);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = text.parse().ok().filter(|number| *number > 0);
            return number
                .map(Self::Version)
                .ok_or_else(|| format!("`{text}` is not the number of a version"));
        }
        Name::new(text)
            .map(Self::Alias)
            .map_err(|error| error.to_string())
    }
}

/// A second version that gets a share of an alias' calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Weighted {
    /// The version.
    pub version: u32,
    /// Its share.
    pub share: Share,
}

/// A name for a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alias {
    /// Its name.
    pub name: Name,
    /// Of which function.
    pub function: FunctionName,
    /// Scope.
    pub workspace: Workspace,
    /// The version; `None` is `$LATEST`.
    pub version: Option<u32>,
    /// A second version with its share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Weighted>,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// When it last changed.
    pub updated: Timestamp,
}

impl Alias {
    /// The version for a call, by a number drawn evenly from 0 to 9,999; `None` is `$LATEST`.
    pub fn pick(&self, drawn: u16) -> Option<u32> {
        match &self.weighted {
            Some(second) if drawn < second.share.basis_points() => Some(second.version),
            _ => self.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers_read_back() {
        for text in ["$LATEST", "3", "prod"] {
            let qualifier = Qualifier::try_from(text.to_owned()).unwrap();
            assert_eq!(qualifier.to_string(), text);
        }
        for bad in ["0", "99999999999", "a/b", "$OTHER"] {
            assert!(Qualifier::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tenth_of_the_draws_goes_to_the_second_version() {
        let alias = Alias {
            name: Name::new("live").unwrap(),
            function: FunctionName::new("f").unwrap(),
            workspace: Workspace::default(),
            version: Some(1),
            weighted: Some(Weighted {
                version: 2,
                share: Share::percent(10).unwrap(),
            }),
            description: String::new(),
            updated: Timestamp(0),
        };
        let second = (0..10_000).filter(|drawn| alias.pick(*drawn) == Some(2));
        assert_eq!(second.count(), 1_000);
    }
}
