//! What calls a function by itself.

use crate::{FunctionName, Name, Timestamp, Workspace};
use serde::{Deserialize, Serialize};

/// One trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trigger {
    /// Its name within the function.
    pub name: Name,
    /// What it waits for.
    #[serde(flatten)]
    pub kind: TriggerKind,
}

/// What a trigger waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum TriggerKind {
    /// An HTTP request to a path of an API: `/apis/<api>/<stage>/<path>`.
    Http {
        /// The API, shared by functions.
        api: Name,
        /// Its stage, which is a part of the address.
        stage: Name,
        /// `GET`, `POST`, …; `ANY` for all.
        method: String,
        /// With `{name}` for one part and `{name+}` for all the rest.
        path: String,
        /// The shape of the event.
        #[serde(default)]
        payload: ApiPayload,
        /// Who may.
        #[serde(default)]
        access: HttpAccess,
    },
    /// A time.
    Schedule {
        /// When.
        schedule: Schedule,
        /// The event, as JSON text; unset sends what EventBridge sends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<String>,
        /// Whether it is at work.
        #[serde(default = "yes")]
        enabled: bool,
    },
    /// A new object in a bucket.
    ObjectCreated {
        /// The bucket.
        bucket: String,
        /// Only keys that begin so.
        #[serde(default)]
        prefix: String,
        /// Only keys that end so.
        #[serde(default)]
        suffix: String,
    },
}

fn yes() -> bool {
    true
}

/// The shape of the event that an HTTP request becomes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ApiPayload {
    /// API Gateway's REST APIs, format 1.0.
    V1,
    /// API Gateway's HTTP APIs and function URLs, format 2.0.
    #[default]
    V2,
}

/// Who may send HTTP requests.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HttpAccess {
    /// Whoever has a key of the workspace.
    #[default]
    Key,
    /// Everybody who reaches the server.
    Public,
}

/// When.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "every")]
pub enum Schedule {
    /// By a cron expression in UTC: five fields, or AWS's six with the year at the end.
    Cron {
        /// The expression.
        expression: String,
    },
    /// By a pause.
    Rate {
        /// At least a second.
        span: crate::Span,
    },
}

/// A schedule at work: when it fires next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSchedule {
    /// Which function it calls.
    pub function: FunctionName,
    /// Scope.
    pub workspace: Workspace,
    /// The trigger's name.
    pub trigger: Name,
    /// When.
    pub schedule: Schedule,
    /// The event, as JSON text; unset sends what EventBridge sends.
    pub input: Option<String>,
    /// When it fires next.
    pub next: Timestamp,
}
