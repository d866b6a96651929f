//! The seam between pools and whatever runs user code.

use crate::payload::Failure;
use bytes::Bytes;
use contracts::functions::HttpResponse;
use serde::Serialize;
use serving::Departure;
use std::time::Duration;

/// What an instance is told of a call, beside its payload.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Head {
    /// `event` or `http`.
    pub(crate) kind: &'static str,
    /// The call's id.
    pub(crate) request: String,
    /// The log stream of the instance.
    pub(crate) stream: String,
    /// When it will be ended, in milliseconds since the epoch.
    pub(crate) deadline_ms: i64,
    /// By which name it was asked for.
    pub(crate) invoked: String,
    /// `X-Amzn-Trace-Id`.
    pub(crate) trace: String,
    /// What the caller says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_context: Option<String>,
    /// The rest of an HTTP request.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<HttpHead>,
}

/// An HTTP request but for its body.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HttpHead {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) source: String,
    pub(crate) keyed: bool,
}

/// What an instance answered.
#[derive(Debug)]
pub(crate) enum Reply {
    /// JSON.
    Event(Bytes),
    /// An HTTP response.
    Http(HttpResponse),
    /// The function failed and the instance lives on.
    Failed(Failure),
}

/// Why an instance gave no reply.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It had ended before the call reached user code: another may answer.
    Before,
    /// It ended in the course of the call.
    Ended(Departure),
    /// Its answer cannot be taken.
    Failed(Failure),
}

/// One running copy of a function. Dropping it ends it.
#[async_trait::async_trait]
pub(crate) trait Instance: Send + Sync {
    /// Answers one call.
    async fn answer(&self, head: &Head, payload: &Bytes) -> Result<Reply, Broken>;

    /// Its process.
    fn process(&self) -> Option<u32>;

    /// Whether what it prints is marked at the end of each call.
    fn marks_its_prints(&self) -> bool;

    /// Ends it; completes when nothing is left of it.
    async fn end(&self, grace: Duration) -> Departure;
}
