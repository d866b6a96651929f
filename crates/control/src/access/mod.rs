//! Who may do what: API keys, each of one workspace with one role.
//!
//! A key's secret is shown once and kept only as its SHA-256; the secrets are 256 random bits, so
//! that a plain hash is enough.

mod keys;

use domain::audit::Actor;
use domain::{Refusal, Workspace};
use serde::{Deserialize, Serialize};

pub use keys::{Key, NewKey};

/// What a key may do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Read.
    Reader,
    /// Read, and send predictions to endpoints.
    Invoker,
    /// Everything but keys.
    Editor,
    /// Everything.
    Administrator,
}

/// Who asks, in which workspace, with which idempotency token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the audit.
    pub actor: Actor,
    /// Scope.
    pub workspace: Workspace,
    /// What it may do.
    pub role: Role,
    /// Idempotency token of this request.
    pub token: Option<String>,
}

impl Caller {
    /// The installation itself, for its own doings.
    pub fn system(workspace: Workspace) -> Self {
        Self {
            actor: Actor::System,
            workspace,
            role: Role::Administrator,
            token: None,
        }
    }

    /// Whether it may read.
    pub fn may_read(&self) -> Result<(), Refusal> {
        self.at_least(Role::Reader)
    }

    /// Whether it may send predictions.
    pub fn may_invoke(&self) -> Result<(), Refusal> {
        self.at_least(Role::Invoker)
    }

    /// Whether it may change things.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        self.at_least(Role::Editor)
    }

    /// Whether it may change keys.
    pub fn may_administer(&self) -> Result<(), Refusal> {
        self.at_least(Role::Administrator)
    }

    fn at_least(&self, role: Role) -> Result<(), Refusal> {
        if self.role >= role {
            return Ok(());
        }
        let message = format!(
            "this key is a {:?}; the request needs the role {role:?}",
            self.role
        );
        Err(Refusal::Forbidden {
            message: message.to_lowercase(),
        })
    }
}
