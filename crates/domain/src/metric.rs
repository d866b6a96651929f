//! Numbers that a run reports about itself.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// One reported value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metric {
    /// What was measured, as the code names it.
    pub name: String,
    /// The value; never NaN or infinite, those are dropped where metrics are read.
    pub value: f64,
    /// Training step or epoch, when the code gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    /// When the line was printed.
    pub at: Timestamp,
}

/// A configured pattern that finds a metric in printed lines, as SageMaker's `MetricDefinitions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricPattern {
    /// The metric's name.
    pub name: String,
    /// A regular expression whose first group is the number.
    pub regex: String,
}

/// A float that is neither NaN nor infinite.
#[derive(
    Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Finite(f64);

impl Eq for Finite {}

impl Finite {
    /// `None` for NaN and infinities.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Finite {
    type Error = &'static str;
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value).ok_or("the number is not finite")
    }
}

impl From<Finite> for f64 {
    fn from(value: Finite) -> f64 {
        value.0
    }
}
