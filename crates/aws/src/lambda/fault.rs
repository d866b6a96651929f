//! Lambda's codes.

use crate::fault::Fault;
use domain::Refusal;
use http::StatusCode;

/// A parameter is wrong.
pub(super) fn parameter(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message)
}

/// A refusal of a command or query on functions.
pub(super) fn of(refusal: Refusal) -> Fault {
    let message = refusal.to_string();
    match refusal {
        Refusal::NotFound { .. } => Fault::new("ResourceNotFoundException", message)
            .with_status(StatusCode::NOT_FOUND)
            .with_member("Type", "User"),
        Refusal::AlreadyExists { .. } | Refusal::Conflict { .. } => {
            Fault::new("ResourceConflictException", message)
                .with_status(StatusCode::CONFLICT)
                .with_member("Type", "User")
        }
        Refusal::Invalid { .. } => parameter(message),
        Refusal::Throttled { .. } => Fault::new("TooManyRequestsException", message)
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_member(
                "Reason",
                "ReservedFunctionConcurrentInvocationLimitExceeded",
            ),
        Refusal::Unavailable { .. } => {
            Fault::new("ServiceException", message).with_status(StatusCode::SERVICE_UNAVAILABLE)
        }
        other => Fault::common(other),
    }
}
