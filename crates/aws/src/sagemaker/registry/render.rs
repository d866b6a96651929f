//! Groups and packages in SageMaker's words.

use super::groups::Group;
use super::identifier::Identifier;
use super::packages::Package;
use crate::operation::Call;
use crate::time::Epoch;
use serde_json::{Value, json};

/// `UserContext` of the signer.
pub(crate) fn user(call: &Call<'_>) -> Value {
    json!({"IamIdentity": {
        "Arn": call.principal.arn,
        "PrincipalId": call.principal.user_id,
    }})
}

/// A group's description.
pub(crate) fn group(call: &Call<'_>, group: &Group) -> Value {
    let mut described = group.request().clone();
    described["ModelPackageGroupName"] = json!(group.name);
    described["ModelPackageGroupArn"] = json!(group.arn(call));
    described["CreationTime"] = json!(Epoch(group.created));
    described["CreatedBy"] = group.by().clone();
    described["ModelPackageGroupStatus"] = json!("Completed");
    described
}

/// What every view of a package begins with.
fn head(call: &Call<'_>, package: &Package) -> Value {
    let mut head = json!({
        "ModelPackageArn": package.arn(call),
        "CreationTime": Epoch(package.created),
        "ModelPackageStatus": "Completed",
    });
    match &package.identifier {
        Identifier::Versioned { group, number } => {
            head["ModelPackageGroupName"] = json!(group);
            head["ModelPackageVersion"] = json!(number);
        }
        Identifier::Unversioned(name) => head["ModelPackageName"] = json!(name),
    }
    if let Some(approval) = package.approval() {
        head["ModelApprovalStatus"] = json!(approval);
    }
    head
}

/// A package's description.
pub(crate) fn described(call: &Call<'_>, package: &Package) -> Value {
    let mut described = package.request().clone();
    if let Value::Object(members) = &mut described {
        members.remove("ModelPackageGroupName");
        members.remove("ModelApprovalStatus");
    }
    merge(&mut described, head(call, package));
    described["ModelPackageName"] = json!(package.identifier.name());
    described["ModelPackageStatusDetails"] = json!({
        "ValidationStatuses": [],
        "ImageScanStatuses": [],
    });
    described["CreatedBy"] = package.body.by.clone();
    if let Some(by) = &package.body.changed_by {
        described["LastModifiedBy"] = by.clone();
        described["LastModifiedTime"] = json!(Epoch(package.modified));
    }
    described
}

/// A package in a list; `further` are members of its request that the list shows, too.
pub(crate) fn summary(call: &Call<'_>, package: &Package, further: &[&str]) -> Value {
    let mut summary = head(call, package);
    for member in further {
        if let Some(value) = package
            .request()
            .get(*member)
            .filter(|value| !value.is_null())
        {
            summary[*member] = value.clone();
        }
    }
    summary
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
