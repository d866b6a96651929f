//! Errors as AWS Budgets says them.

use crate::fault::Fault;
use domain::Refusal;

/// A parameter's value is wrong.
pub(super) fn value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

/// There is nothing of that name.
pub(super) fn not_found(message: impl Into<String>) -> Fault {
    Fault::new("NotFoundException", message)
}

/// There is one already.
pub(super) fn duplicate(message: impl Into<String>) -> Fault {
    Fault::new("DuplicateRecordException", message)
}

/// More of a kind than a budget may have.
pub(super) fn too_many(message: impl Into<String>) -> Fault {
    Fault::new("CreationLimitExceededException", message)
}

/// A budget that is not there.
pub(super) fn no_budget(name: &str) -> Fault {
    not_found(format!(
        "Unable to get budget: {name} - the budget doesn't exist."
    ))
}

/// A refusal in the service's words.
pub(super) fn fault(refusal: Refusal) -> Fault {
    said(Fault::common(refusal))
}

/// A common fault in the service's words.
pub(super) fn said(mut fault: Fault) -> Fault {
    let code = match fault.code.as_ref() {
        "ValidationException" => "InvalidParameterException",
        "ResourceNotFoundException" => "NotFoundException",
        "ResourceAlreadyExistsException" => "DuplicateRecordException",
        "InternalFailure" | "ServiceUnavailable" => "InternalErrorException",
        "ConflictException" => "ThrottlingException",
        _ => return fault,
    };
    fault.code = code.into();
    fault
}
