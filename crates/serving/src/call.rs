//! What goes into an endpoint and what comes out, at its two layers: the caller's and the replica's.

use crate::replica::Joins;
use crate::traces::Stages;
use bytes::Bytes;
use domain::Name;
use http::{HeaderMap, StatusCode};
use std::time::Duration;
use tokio::time::Instant;

/// A caller's request for a prediction.
#[derive(Debug, Clone)]
pub struct Request {
    /// Media type of the body; empty means JSON.
    pub content_type: String,
    /// The Accept header; empty means anything.
    pub accept: String,
    /// The payload.
    pub body: Bytes,
    /// A deployment by name (SageMaker's TargetVariant); unset leaves it to the endpoint's rules.
    pub variant: Option<Name>,
    /// The caller's headers, for endpoints whose callers are sticky.
    pub headers: HeaderMap,
    /// How long the caller waits.
    pub deadline: Duration,
}

/// A prediction as the caller gets it.
#[derive(Debug, Clone)]
pub struct Response {
    /// What the handler chose; 200 unless it chose another.
    pub status: StatusCode,
    /// Media type of the body.
    pub content_type: String,
    /// Further headers that the handler set.
    pub headers: Vec<(String, String)>,
    /// The payload.
    pub body: Bytes,
    /// Which deployment answered.
    pub variant: Name,
    /// `model:version` of that deployment.
    pub model: String,
    /// Element type of an array answer in the Open Inference Protocol's words, if it is known.
    pub datatype: Option<String>,
    /// From the call to the answer, waiting included.
    pub latency: Duration,
}

/// A request as a replica gets it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Media type of the body.
    pub content_type: String,
    /// The Accept header.
    pub accept: String,
    /// The payload.
    pub body: Bytes,
    /// When nobody waits for the answer any more.
    pub deadline: Instant,
    /// Whether it may be computed together with others. A call whose replica died is made again
    /// alone, so that none dies with another's.
    pub joins: Joins,
    /// What it goes through is noted here.
    pub stages: Stages,
}

/// A replica's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Media type of the body.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Element type of an array answer, if it is known.
    pub datatype: Option<String>,
    /// The payload.
    pub body: Bytes,
}
