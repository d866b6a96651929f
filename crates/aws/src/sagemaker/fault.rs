//! Refusals as SageMaker says them
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html>).

use crate::fault::Fault;
use domain::Refusal;

/// Every refusal.
pub(crate) fn fault(refusal: Refusal) -> Fault {
    let message = refusal.to_string();
    match refusal {
        Refusal::NotFound { .. } => Fault::new("ResourceNotFound", message),
        Refusal::AlreadyExists { .. } => Fault::new("ResourceInUse", message),
        Refusal::QuotaSpent { .. } => Fault::new("ResourceLimitExceeded", message),
        other => Fault::common(other),
    }
}

/// What describe operations say of a job that is not there.
pub(crate) fn no_such_job() -> Fault {
    Fault::validation("Requested resource not found.")
}

/// `Could not find <kind> "<arn>".`, which SDKs match on.
pub(crate) fn could_not_find(kind: &str, arn: &str) -> Fault {
    Fault::validation(format!("Could not find {kind} \"{arn}\"."))
}

/// `Cannot create already existing <kind> "<arn>".`, which SDKs match on.
pub(crate) fn already_existing(kind: &str, arn: &str) -> Fault {
    Fault::validation(format!("Cannot create already existing {kind} \"{arn}\"."))
}
