//! What is written down about every change: who, what, when.

use crate::{Timestamp, Workspace};
use serde::{Deserialize, Serialize};

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Actor {
    /// A caller, by the name of the key that proved it.
    Key {
        /// The key's name, never the key.
        name: String,
    },
    /// A reconciler of this installation.
    System,
}

/// One change, in the order of the store's commits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// Position in the store's one sequence; larger is later.
    pub sequence: i64,
    /// Scope.
    pub workspace: Workspace,
    /// Kind of the resource that changed: `job`, `run`, `model`, …
    pub resource: String,
    /// Its id.
    pub id: String,
    /// What happened, as a verb in the past: `created`, `started`, `stopped`, …
    pub action: String,
    /// By whom.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Facts of the change, small.
    pub detail: serde_json::Value,
}
