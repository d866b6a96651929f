//! What user code runs in.

use serde::{Deserialize, Serialize};

/// An environment as it is asked for; a runtime resolves it into something that exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Environment {
    /// A Python version and packages in requirement syntax (PEP 508), one a line.
    Python {
        /// Wanted version such as `3.11`; unset means the machine's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// Requirements, in the order given.
        #[serde(default)]
        requirements: Vec<String>,
        /// Refuse instead of taking the nearest version.
        #[serde(default)]
        strict: bool,
    },
    /// A framework by name and version, as the clouds' prebuilt images are.
    Framework {
        /// `scikit-learn`, `xgboost`, `pytorch`, …
        name: String,
        /// Wanted version such as `1.2-1`; unset means the newest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// Wanted Python version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        python: Option<String>,
        /// Requirements on top of the framework.
        #[serde(default)]
        requirements: Vec<String>,
        /// Refuse instead of taking the nearest version.
        #[serde(default)]
        strict: bool,
    },
    /// A container image.
    Image {
        /// The reference, as a container engine takes it.
        uri: String,
    },
}

impl Default for Environment {
    fn default() -> Self {
        Self::Python {
            version: None,
            requirements: Vec::new(),
            strict: false,
        }
    }
}
