//! The closed set of answers that say no to a caller; each dialect maps all of them.

use crate::Span;
use serde::{Deserialize, Serialize};

/// Why a caller's request is not done. The text says what was wrong, where, and what to do; it is
/// public and never carries a secret or an inner error's source chain.
#[derive(
    Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", tag = "code")]
pub enum Refusal {
    /// What was named does not exist.
    #[error("{kind} `{name}` was not found")]
    NotFound {
        /// `job`, `model`, …
        kind: String,
        /// The name asked for.
        name: String,
    },
    /// The name is taken.
    #[error("{kind} `{name}` already exists")]
    AlreadyExists {
        /// `job`, `model`, …
        kind: String,
        /// The name asked for.
        name: String,
    },
    /// The request itself is wrong.
    #[error("{message}")]
    Invalid {
        /// What is wrong, where, and what to do.
        message: String,
    },
    /// The request does not fit the present state.
    #[error("{message}")]
    Conflict {
        /// What stands against it.
        message: String,
    },
    /// A condition of the request does not hold, as one of RFC 9110 §13 on an entity tag.
    #[error("{message}")]
    PreconditionFailed {
        /// Which condition, and on what.
        message: String,
    },
    /// The caller did not prove who they are.
    #[error("{message}")]
    Unauthenticated {
        /// What was missing or wrong.
        message: String,
    },
    /// The caller may not do this.
    #[error("{message}")]
    Forbidden {
        /// Which permission is missing.
        message: String,
    },
    /// A quota or budget is spent.
    #[error("{message}")]
    QuotaSpent {
        /// Which, with the figures.
        message: String,
    },
    /// No offer satisfies the demands.
    #[error("{message}")]
    Unplaceable {
        /// Which demands to relax.
        message: String,
    },
    /// Too many requests at once.
    #[error("{message}")]
    Throttled {
        /// What is full.
        message: String,
        /// When to try again.
        after: Span,
    },
    /// It cannot be done right now.
    #[error("{message}")]
    Unavailable {
        /// What is missing.
        message: String,
    },
    /// It is known and not served.
    #[error("{message}")]
    Unsupported {
        /// What is not served and what serves instead.
        message: String,
    },
    /// The user's own code behind an endpoint failed on this request, as SageMaker's `ModelError`.
    #[error("{message}")]
    ModelFailed {
        /// What it raised, with file and line when they are known.
        message: String,
    },
    /// A defect or a broken machine; the log has the source.
    #[error("internal error: {message}")]
    Internal {
        /// What was being done.
        message: String,
    },
}

impl Refusal {
    /// A [`Refusal::NotFound`].
    pub fn not_found(kind: &str, name: impl ToString) -> Self {
        Self::NotFound {
            kind: kind.to_owned(),
            name: name.to_string(),
        }
    }

    /// A [`Refusal::Invalid`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            message: message.into(),
        }
    }

    /// A [`Refusal::Conflict`].
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict {
            message: message.into(),
        }
    }

    /// A [`Refusal::Internal`].
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal {
            message: message.into(),
        }
    }
}
