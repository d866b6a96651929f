//! `UpdateModelPackage`: the approval goes to the registry, the rest to the document.

use super::create::container;
use super::identifier::Identifier;
use super::packages::{Package, approval, document, find};
use super::{PACKAGED, model_name, refused, render};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::models;
use crate::sagemaker::reach::Reach;
use domain::model::{Approval, ModelReference};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Members that are replaced as a whole.
const REPLACED: &[&str] = &[
    "ApprovalDescription",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "InferenceSpecification",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    model_package_arn: String,
    #[serde(default)]
    model_approval_status: Option<String>,
    #[serde(default)]
    customer_metadata_properties: Map<String, Value>,
    #[serde(default)]
    customer_metadata_properties_to_remove: Vec<String>,
    #[serde(default)]
    additional_inference_specifications_to_add: Vec<Value>,
}

/// Changes a package; returns its ARN.
pub(crate) async fn update(call: &Call<'_>, input: Value) -> Result<String, Fault> {
    let request: Request = read(input.clone())?;
    let mut package = find(call, &request.model_package_arn).await?;
    let status = request.model_approval_status.as_deref();
    let wanted = status.map(approval).transpose()?;
    if wanted.is_some() && matches!(package.identifier, Identifier::Unversioned(_)) {
        return Err(Fault::validation(
            "ModelApprovalStatus cannot be set on a model package that is in no group",
        ));
    }
    merge(&mut package.body.request, &input, &request);
    if input
        .get("InferenceSpecification")
        .is_some_and(|value| !value.is_null())
    {
        register(call, &mut package).await?;
    }
    if let Some(wanted) = wanted {
        package.body.request["ModelApprovalStatus"] = json!(request.model_approval_status);
        approve(call, &package, wanted).await?;
    }
    package.body.changed_by = Some(render::user(call));
    let mut new = document(&package.identifier, &package.body, None);
    new.labels.clone_from(&package.labels);
    let put = call
        .aws
        .control
        .put_document(&call.caller(), &new, package.revision)
        .await;
    put.map_err(|refusal| match refusal {
        domain::Refusal::Conflict { message } => super::fault::conflict(message),
        other => refused(other),
    })?;
    Ok(package.arn(call))
}

fn merge(known: &mut Value, input: &Value, request: &Request) {
    for member in REPLACED {
        if let Some(value) = input.get(*member).filter(|value| !value.is_null()) {
            known[*member] = value.clone();
        }
    }
    let before = known
        .get("CustomerMetadataProperties")
        .and_then(Value::as_object);
    let mut properties = before.cloned().unwrap_or_default();
    properties.extend(request.customer_metadata_properties.clone());
    for name in &request.customer_metadata_properties_to_remove {
        properties.remove(name);
    }
    if let Value::Object(members) = known {
        members.remove("CustomerMetadataProperties");
    }
    if !properties.is_empty() {
        known["CustomerMetadataProperties"] = Value::Object(properties);
    }
    if !request
        .additional_inference_specifications_to_add
        .is_empty()
    {
        let before = known
            .get("AdditionalInferenceSpecifications")
            .and_then(Value::as_array);
        let mut all = before.cloned().unwrap_or_default();
        all.extend(
            request
                .additional_inference_specifications_to_add
                .iter()
                .cloned(),
        );
        known["AdditionalInferenceSpecifications"] = Value::Array(all);
    }
}

/// A version for the new InferenceSpecification; the one before is taken away when nobody serves
/// it.
async fn register(call: &Call<'_>, package: &mut Package) -> Result<(), Fault> {
    let Some(container) = container(&package.body.request)? else {
        return Ok(());
    };
    let model = match (&package.body.registered, &package.identifier) {
        (Some((model, _)), _) => model.clone(),
        (None, Identifier::Versioned { group, .. }) => {
            super::find_group(call, group).await?.body.model
        }
        (None, Identifier::Unversioned(name)) => model_name(name)?,
    };
    let approval = match &package.version {
        Some(version) => version.approval,
        None => said(package)?,
    };
    Reach::of(call, None).await?.container(&container).await?;
    let new = models::described(call, &container, PACKAGED, approval).await?;
    let version = models::add(call, &model, &new, 1, None).await?;
    if let Some((model, number)) = package.body.registered.take() {
        let gone = call
            .aws
            .control
            .delete_version(&call.caller(), &model, number)
            .await;
        if let Err(refusal) = gone {
            tracing::debug!(%refusal, "a replaced model version stays");
        }
    }
    package.body.registered = Some((version.model.clone(), version.version));
    package.version = Some(version);
    Ok(())
}

fn said(package: &Package) -> Result<Approval, Fault> {
    let said = package
        .body
        .request
        .get("ModelApprovalStatus")
        .and_then(Value::as_str);
    said.map_or(Ok(Approval::Approved), approval)
}

async fn approve(call: &Call<'_>, package: &Package, wanted: Approval) -> Result<(), Fault> {
    let Some((model, number)) = &package.body.registered else {
        return Ok(());
    };
    let reference = ModelReference::Version(model.clone(), *number);
    let approved = call
        .aws
        .control
        .approve_version(&call.caller(), &reference, wanted)
        .await;
    approved.map(|_| ()).map_err(refused)
}
