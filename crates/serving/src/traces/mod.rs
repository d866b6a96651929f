//! Where the time of slow requests went: the slowest of each endpoint are kept in memory for a while,
//! with the stages that each went through and the trace that its caller said it belongs to.

mod parent;
mod slowest;
mod spans;
mod stages;

pub use parent::Parent;
pub(crate) use slowest::Slowest;
pub use spans::{Drops, Ended, Spans, document};
pub use stages::{Stage, Stages};

use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trace {
    /// 32 hexadecimal digits: the caller's, or one that was drawn.
    pub trace_id: String,
    /// 16 hexadecimal digits, drawn.
    pub span_id: String,
    /// The caller's own span, if it said one.
    pub parent_id: Option<String>,
    /// Which deployment answered.
    pub deployment: String,
    /// How long ago it ended, in milliseconds.
    pub ago_ms: u64,
    /// From the call to the answer, in milliseconds.
    pub milliseconds: f64,
    /// `answered`, or why not.
    pub outcome: String,
    /// What it went through, in the order of their ends.
    pub stages: Vec<StageReport>,
}

/// A stage of a request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StageReport {
    /// `queue` (for a place on a replica, a start included), `replica`, and in that, where calls are
    /// computed together, `batch` (gathering) and `predict`.
    pub name: &'static str,
    /// When it began, in milliseconds after the request did.
    pub from_ms: f64,
    /// How long it lasted, in milliseconds.
    pub milliseconds: f64,
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
