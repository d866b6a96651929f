//! What answers calls of functions: given a version it makes it ready, and keeps as many instances
//! as the calls need.

use bytes::Bytes;
use domain::function::{ApiPayload, FunctionSpec};
use domain::{ByteSize, FunctionName, Refusal, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// One version of a function, as rows say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionTarget {
    /// Scope.
    pub workspace: Workspace,
    /// Its name.
    pub name: FunctionName,
    /// `$LATEST` or a number.
    pub version: String,
    /// Content address of all that makes instances alike: an instance of one revision may answer
    /// for another version of the same revision.
    pub revision: String,
    /// What it is.
    pub spec: Arc<FunctionSpec>,
}

/// What is seen of a revision on this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionObservation {
    /// Nobody asked for it yet.
    Absent,
    /// Code and environment are being made ready.
    Preparing {
        /// What is being done.
        step: String,
    },
    /// It can be called.
    Ready {
        /// What could not be had as it was asked for.
        warnings: Vec<String>,
        /// Why no instance could be started ahead of the calls; each call tries anew.
        trouble: Option<String>,
    },
    /// It cannot be made ready.
    Failed {
        /// One paragraph.
        message: String,
    },
}

/// An HTTP request for a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as the function shall see it, percent-encoded.
    pub path: String,
    /// What follows `?`, as it was sent.
    pub query: String,
    /// Names in lower case, values as they were sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Who sent it.
    pub source: String,
    /// The API's name; the function's own for its address.
    pub api: String,
    /// The API's stage.
    pub stage: String,
    /// The path of the route that matched, such as `/items/{id}`.
    pub route: String,
    /// What the route's parameters matched.
    pub parameters: BTreeMap<String, String>,
    /// The shape of the event that it becomes on AWS.
    pub payload: ApiPayload,
    /// Whether it came with a key that may call the function; where the address is open to
    /// everybody it need not.
    pub keyed: bool,
}

/// An HTTP response of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Headers, a name may be there several times.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What a function is called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionInput {
    /// An event: JSON text.
    Event(Bytes),
    /// An HTTP request.
    Http(Box<HttpRequest>),
}

/// One call.
#[derive(Debug, Clone)]
pub struct FunctionCall {
    /// Its id: a UUID.
    pub request: String,
    /// With what.
    pub input: FunctionInput,
    /// When it was received.
    pub received: Timestamp,
    /// The qualified ARN or name by which it was asked for.
    pub invoked: String,
    /// What the caller says of itself, as JSON text.
    pub client_context: Option<String>,
}

/// Why a function did not answer as it should; the payload says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionFault {
    /// The code raised, or could not be loaded.
    Raised,
    /// It ran out of its time.
    TimedOut,
    /// It ran out of its memory.
    OutOfMemory,
    /// Its process ended.
    Exited,
    /// Its answer is no answer: cannot be written as JSON, or is too large.
    BadAnswer,
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct FunctionAnswer {
    /// What it returned as JSON, or the error as Lambda shapes it.
    pub payload: Bytes,
    /// The response to an HTTP request.
    pub http: Option<HttpResponse>,
    /// Why it failed, if it did.
    pub fault: Option<FunctionFault>,
    /// The last 4 KiB of what the call logged.
    pub tail: String,
    /// How long it ran.
    pub duration: Duration,
    /// How long its instance took to start, when it had to.
    pub init: Option<Duration>,
    /// How the instance came to be: `warm`, `fresh` or `forked`.
    pub start: &'static str,
    /// Most memory of the instance so far.
    pub memory: Option<ByteSize>,
    /// The version that answered.
    pub version: String,
}

/// A line that a function logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionLogLine {
    /// Counts a function's lines on this server, from 1.
    pub number: u64,
    /// When it was read.
    pub time: Timestamp,
    /// The instance, as a log stream's name.
    pub stream: String,
    /// The text.
    pub text: String,
}

/// How busy a function is on this server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionFigures {
    /// Instances there are.
    pub instances: u32,
    /// Instances that answer a call.
    pub busy: u32,
    /// Calls that were answered.
    pub calls: u64,
    /// Calls of which the function failed.
    pub errors: u64,
    /// Calls that found no instance in time.
    pub throttled: u64,
    /// Instances that were forked from a template.
    pub forked: u64,
    /// Instances that loaded everything themselves.
    pub fresh: u64,
    /// Microseconds that instances computed for calls.
    #[serde(default)]
    pub busy_micros: u64,
    /// Processes of instances that answer no call at this moment.
    #[serde(skip)]
    pub processes: Vec<u32>,
}

/// The functions of one server.
#[async_trait::async_trait]
pub trait Functions: Send + Sync {
    /// Begins to make a version ready; returns at once, the rest is observed.
    async fn prepare(&self, target: &FunctionTarget);

    /// What is seen of its revision.
    async fn observe(&self, target: &FunctionTarget) -> FunctionObservation;

    /// Answers one call, making the version ready first when it is not.
    async fn invoke(
        &self,
        target: &FunctionTarget,
        call: FunctionCall,
    ) -> Result<FunctionAnswer, Refusal>;

    /// Ends the idle instances of all revisions of a function but these, and the busy ones after
    /// their call.
    async fn retire(&self, workspace: &Workspace, name: &FunctionName, keep: &[String]);

    /// The last lines of a function on this server, the oldest first.
    fn log(&self, workspace: &Workspace, name: &FunctionName, limit: usize)
    -> Vec<FunctionLogLine>;

    /// How busy it is on this server.
    fn figures(&self, workspace: &Workspace, name: &FunctionName) -> FunctionFigures;

    /// Completes when an observation may have changed since the call before.
    async fn changed(&self);
}
