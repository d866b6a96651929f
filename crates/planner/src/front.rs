//! The front of cost against time, as a plan tells of it.

use domain::{Money, Span};
use serde::{Deserialize, Serialize};

/// A point of the front of cost against time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// What it costs.
    pub cost: Money,
    /// How long it takes.
    pub time: Span,
    /// Whether it is proved that no plan that is as fast is cheaper.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub proved: bool,
    /// Where each workload runs.
    pub places: Vec<String>,
}

fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_yes(proved: &bool) -> bool {
    *proved
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(gap: &u64) -> bool {
    *gap == 0
}

/// The front of cost against time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Front {
    /// Cheapest first, each next one faster.
    pub points: Vec<Point>,
    /// Whether it is proved that no point is missing.
    pub complete: bool,
    /// Otherwise: of every plan that is missing, some point is by no more than this share of
    /// itself, in hundredths of a per cent, dearer and by no more than this slower.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gap_basis_points: u64,
}
