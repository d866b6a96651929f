//! What SageMaker says of groups and packages that are not there, or are there already.

use super::identifier::Identifier;
use crate::fault::Fault;
use crate::operation::Call;

/// No such group.
pub(super) fn no_group(call: &Call<'_>, name: &str) -> Fault {
    let arn = call.arn("sagemaker", &format!("model-package-group/{name}"));
    Fault::validation(format!("ModelPackageGroup {arn} does not exist."))
}

/// No such package.
pub(super) fn no_package(call: &Call<'_>, identifier: &Identifier) -> Fault {
    let arn = identifier.arn(call);
    Fault::validation(format!("ModelPackage {arn} does not exist."))
}

/// The name of a package is taken.
pub(super) fn package_exists(call: &Call<'_>, identifier: &Identifier) -> Fault {
    let arn = identifier.arn(call);
    Fault::validation(format!("ModelPackage already exists: {arn}"))
}

/// The name of a group is taken.
pub(super) fn group_exists(call: &Call<'_>, name: &str) -> Fault {
    let arn = call.arn("sagemaker", &format!("model-package-group/{name}"));
    Fault::validation(format!("Model Package Group already exists: {arn}"))
}

/// Something stands against it.
pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::new("ConflictException", message)
}
