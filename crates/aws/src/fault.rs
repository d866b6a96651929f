//! An error as AWS says it: a code that SDKs match on, a text, a status.

use domain::Refusal;
use http::StatusCode;
use std::borrow::Cow;

/// An error towards the caller of any AWS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// The error's code, as in `ValidationException`.
    pub(crate) code: Cow<'static, str>,
    /// For people; SDKs match on some.
    pub(crate) message: String,
    /// Further members of the error, as `OriginalMessage` of a `ModelError`.
    pub(crate) members: Vec<(&'static str, serde_json::Value)>,
}

impl Fault {
    /// An error of the caller's.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: Cow::Borrowed(code),
            message: message.into(),
            members: Vec::new(),
        }
    }

    /// The request itself is wrong.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// With another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a further member.
    pub(crate) fn with_member(
        mut self,
        name: &'static str,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// A refusal by the codes that all services share; a service's own come before this.
    pub(crate) fn common(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::NotFound { .. } => Self::new("ResourceNotFoundException", message),
            Refusal::AlreadyExists { .. } => Self::new("ResourceAlreadyExistsException", message),
            Refusal::Invalid { .. } | Refusal::Unplaceable { .. } => Self::validation(message),
            Refusal::Conflict { .. } | Refusal::PreconditionFailed { .. } => {
                Self::new("ConflictException", message)
            }
            Refusal::Unauthenticated { .. } => Self::new("UnrecognizedClientException", message),
            Refusal::Forbidden { .. } => Self::new("AccessDeniedException", message),
            Refusal::QuotaSpent { .. } => Self::new("LimitExceededException", message),
            Refusal::Throttled { .. } => Self::new("ThrottlingException", message),
            Refusal::Unsupported { .. } => Self::unsupported(message),
            Refusal::ModelFailed { .. } => {
                Self::new("ModelError", message).with_status(StatusCode::FAILED_DEPENDENCY)
            }
            Refusal::Unavailable { .. } => Self::new("ServiceUnavailable", message)
                .with_status(StatusCode::SERVICE_UNAVAILABLE),
            Refusal::Internal { message } => {
                tracing::error!(message, "an AWS request failed inside");
                Self::new("InternalFailure", "the request failed inside the server")
                    .with_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Known and not served here. Not a 5xx, which SDKs would repeat.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new("UnsupportedOperationException", message)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::common(refusal)
    }
}
