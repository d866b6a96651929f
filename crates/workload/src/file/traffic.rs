//! How a new version comes to an endpoint that answers already.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Text;

/// The probation of a new version; it begins only where another version answers already.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Canary {
    /// Per cent of the traffic to begin with, 1 to 99.
    pub(crate) share: Text,
    /// Per cent of the next steps, ascending; after the last it gets everything.
    #[serde(default)]
    pub(crate) steps: Vec<Text>,
    /// How long each step lasts at least; 1m unless given.
    pub(crate) step: Option<Text>,
    /// Answers of a step before it is judged good; 100 unless given.
    pub(crate) answers: Option<Text>,
    /// Per cent of its requests that may fail beyond those of the others; 1 unless given.
    pub(crate) errors: Option<Text>,
    /// Its 99th percentile of latency in per cent of the others' at most; unset lets it be as slow
    /// as it is.
    pub(crate) latency: Option<Text>,
}
