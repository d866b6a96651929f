//! Errors as CloudWatch says them.

use crate::fault::Fault;

/// A parameter's value is wrong.
pub(super) fn value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message)
}

/// Parameters do not go together.
pub(super) fn combination(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombinationException", message)
}

/// A parameter is missing.
pub(super) fn missing(message: impl Into<String>) -> Fault {
    Fault::new("MissingRequiredParameterException", message)
}

/// A token is not of this list.
pub(super) fn token() -> Fault {
    Fault::new("InvalidNextToken", "the NextToken is not of this list")
}

/// The same for operations that declare no error of parameters: they have one word for all.
pub(super) fn undeclared(mut fault: Fault) -> Fault {
    if matches!(
        fault.code.as_ref(),
        "InvalidParameterValueException"
            | "InvalidParameterCombinationException"
            | "MissingRequiredParameterException"
    ) {
        fault.code = "ValidationException".into();
    }
    fault
}
