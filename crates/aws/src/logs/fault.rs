//! Refusals as CloudWatch Logs says them.

use crate::fault::Fault;
use domain::Refusal;

/// Every refusal.
pub(crate) fn fault(refusal: Refusal) -> Fault {
    let message = refusal.to_string();
    match refusal {
        Refusal::NotFound { .. } => Fault::new("ResourceNotFoundException", message),
        Refusal::AlreadyExists { .. } => Fault::new("ResourceAlreadyExistsException", message),
        Refusal::Invalid { .. } => Fault::new("InvalidParameterException", message),
        other => Fault::common(other),
    }
}

/// What is said of a group that has no streams here.
pub(crate) fn no_such_group() -> Fault {
    Fault::new(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

/// What is said of a stream that is not there.
pub(crate) fn no_such_stream() -> Fault {
    Fault::new(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}
