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
