//! Who a caller is and what it may. The service asks; whoever keeps access keys and policies
//! answers.

pub mod memory;

use crate::notifications::Notification;
use domain::Workspace;
use std::collections::BTreeMap;
use std::fmt;

/// A secret access key. It has no form that can be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for computing a signature with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// ARN, such as `arn:aws:iam::123456789012:user/ann`.
    pub principal: String,
    /// Account id, 12 digits. It owns the buckets of the workspace.
    pub account: String,
    /// Where its buckets are.
    pub workspace: Workspace,
    /// What its session is narrowed by, in a form that [`Access`] knows; empty is nothing.
    pub session: Vec<String>,
}

/// Facts of a request by condition key in lower case (`aws:sourceip`), for conditions of policies.
pub type Facts = BTreeMap<String, Vec<String>>;

/// Whether somebody may do something.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who.
    pub identity: &'a Identity,
    /// What, such as `s3:GetObject`.
    pub action: &'a str,
    /// With what, such as `arn:aws:s3:::bucket/key`; `*` where the action has no resource.
    pub resource: &'a str,
    /// Facts of the request.
    pub facts: &'a Facts,
}

/// What policies say to a question (IAM user guide, "Policy evaluation logic").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it and none denies it.
    Allowed,
    /// No statement speaks of it.
    Unsaid,
    /// A statement denies it, which nothing can overrule.
    Denied,
}

/// Why a caller is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No such access key, or it is disabled.
    #[error("the access key is unknown")]
    UnknownKey,
    /// The session token is missing or is not that of the key.
    #[error("the session token is malformed or does not belong to the access key")]
    InvalidToken,
    /// The session is over.
    #[error("the session token has expired")]
    ExpiredToken,
    /// There is no such function to be called.
    #[error("there is no function `{0}`")]
    NoDestination(String),
    /// Whoever knows cannot be asked now.
    #[error("access cannot be checked now: {0}")]
    Unavailable(String),
}

/// Keeps access keys and policies.
#[async_trait::async_trait]
pub trait Access: Send + Sync + 'static {
    /// The secret of an access key id, which its signature is checked with. Asked once for a
    /// request, before [`Access::identify`].
    async fn secret(&self, access_key: &str) -> Result<Secret, AccessError>;

    /// Whose an access key is, when its session is good: a temporary key needs the token of its
    /// session, a lasting one has none (`None` when the request has none).
    async fn identify(
        &self,
        access_key: &str,
        token: Option<&str>,
    ) -> Result<Identity, AccessError>;

    /// What the policies attached to an identity say.
    async fn authorise(&self, question: &Question<'_>) -> Result<Verdict, AccessError>;

    /// In which workspace anonymous callers find a bucket; `None` when they find none.
    async fn public_workspace(&self, bucket: &str) -> Result<Option<Workspace>, AccessError>;

    /// Has functions called for a bucket's new objects as `wanted`, and no more as `before`; writes
    /// down in `wanted` by which names of theirs.
    async fn notify(
        &self,
        identity: &Identity,
        bucket: &str,
        before: &[Notification],
        wanted: &mut [Notification],
    ) -> Result<(), AccessError>;
}
