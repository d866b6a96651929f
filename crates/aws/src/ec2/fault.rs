//! Errors as EC2 says them
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>).

use crate::fault::Fault;
use http::StatusCode;

/// A parameter's value is wrong.
pub(super) fn value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValue", message)
}

/// A parameter is missing.
pub(super) fn missing(name: &str) -> Fault {
    let text = format!("The request must contain the parameter {name}");
    Fault::new("MissingParameter", text)
}

/// A token is not of this list.
pub(super) fn token() -> Fault {
    Fault::new("InvalidNextToken", "The nextToken is not of this list")
}

/// Ids that are nobody's.
pub(super) fn no_such_instances(ids: &[&str]) -> Fault {
    let text = match ids {
        [one] => format!("The instance ID '{one}' does not exist"),
        several => format!("The instance IDs '{}' do not exist", several.join(", ")),
    };
    Fault::new("InvalidInstanceID.NotFound", text)
}

/// A text that is no id.
pub(super) fn malformed(id: &str) -> Fault {
    let id: String = id.chars().take(60).collect();
    Fault::new(
        "InvalidInstanceID.Malformed",
        format!("Invalid id: \"{id}\""),
    )
}

/// The request would have been done.
pub(super) fn dry_run() -> Fault {
    let text = "Request would have succeeded, but DryRun flag is set.";
    Fault::new("DryRunOperation", text).with_status(StatusCode::PRECONDITION_FAILED)
}

/// There is no catalog to answer from.
pub(super) fn no_catalog() -> Fault {
    Fault::new(
        "Unavailable",
        "the catalog of prices cannot be read; the server's log says why",
    )
    .with_status(StatusCode::SERVICE_UNAVAILABLE)
}
