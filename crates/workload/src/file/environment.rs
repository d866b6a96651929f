//! `environment:` in its three forms.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OneOrMore, Text};

/// What the code runs in: a list of requirements, or a map.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Environment {
    /// Requirements in the syntax of pip, on the machine's Python.
    Requirements(Vec<Text>),
    /// Everything else.
    Map(Box<EnvironmentMap>),
}

/// A Python version with requirements, or a framework with a version, or an image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct EnvironmentMap {
    /// Python version, such as 3.11.
    pub(crate) python: Option<Text>,
    /// The name of a requirements file, or a list of requirements.
    pub(crate) requirements: Option<OneOrMore>,
    /// A framework such as scikit-learn, xgboost or pytorch, as in the clouds' prebuilt images.
    pub(crate) framework: Option<Text>,
    /// Version of the framework; the newest unless given.
    pub(crate) version: Option<Text>,
    /// A container image instead of all that.
    pub(crate) image: Option<Text>,
    /// Refuse instead of taking the nearest version that can be had.
    pub(crate) strict: bool,
}
