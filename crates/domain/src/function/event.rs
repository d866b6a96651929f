//! Asynchronous calls: kept until they are answered, made again when they fail.

use super::Qualifier;
use crate::{FunctionName, Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};

/// Where what became of an asynchronous call is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Destination {
    /// Another function, asynchronously.
    Function {
        /// Which.
        function: FunctionName,
    },
    /// An object below a prefix of a bucket.
    Bucket {
        /// The bucket.
        bucket: String,
        /// What the key begins with.
        #[serde(default)]
        prefix: String,
    },
}

/// What becomes of asynchronous calls. Defaults are AWS Lambda's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Retries {
    /// How often a failed call is made again, 0 to 2.
    pub attempts: u32,
    /// A call that is older is given up.
    pub longest_wait: Span,
    /// Pause before the first repetition; the second waits twice as long.
    pub pause: Span,
    /// Gets a record of every call that was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Destination>,
    /// Gets a record of every call that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<Destination>,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 2,
            longest_wait: Span::hours(6),
            pause: Span::minutes(1),
            on_failure: None,
            on_success: None,
        }
    }
}

/// Where an asynchronous call stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum EventPhase {
    /// For its turn.
    Waiting,
    /// Some server makes the call; one that is not heard of until then has lost it.
    Running {
        /// Until when.
        until: Timestamp,
    },
}

impl EventPhase {
    /// One word for lists and filters.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running { .. } => "running",
        }
    }
}

/// An asynchronous call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FunctionEvent {
    /// Its id, which is the request id that the function sees.
    pub id: String,
    /// Scope.
    pub workspace: Workspace,
    /// Of which function.
    pub function: FunctionName,
    /// Which version.
    pub qualifier: Qualifier,
    /// The event, as JSON text.
    pub payload: String,
    /// What made it: `invoke`, or the name of a trigger.
    pub source: String,
    /// When it was taken in.
    pub received: Timestamp,
    /// Calls that were begun.
    pub attempts: u32,
    /// Where it stands.
    pub phase: EventPhase,
}
