//! `CreateModelPackage`: a version in the registry and a document with the same number. The same
//! token finds the same package again.

use super::fault::{conflict, package_exists};
use super::groups::{self, Group};
use super::identifier::{Identifier, group_name};
use super::packages::{Body, TOKEN, approval, document};
use super::{GROUP, PACKAGE, PACKAGED, find_group, model_name, refused, render, suffixed, version};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::container::Container;
use crate::sagemaker::models::{self, KIND as MODEL};
use crate::sagemaker::names;
use crate::sagemaker::reach::Reach;
use crate::sagemaker::tags::{self, Tag};
use control::documents::DocumentFilter;
use domain::model::{Approval, ModelVersion};
use domain::{ModelName, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(default)]
    model_package_name: Option<String>,
    #[serde(default)]
    model_package_group_name: Option<String>,
    #[serde(default)]
    model_approval_status: Option<String>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    certify_for_marketplace: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InferenceSpecification {
    containers: Vec<Container>,
}

/// Makes a package; returns its ARN.
pub(crate) async fn create(call: &Call<'_>, mut input: Value) -> Result<String, Fault> {
    let request: Request = read(input.clone())?;
    refuse_unserved(&input, &request)?;
    if let Value::Object(members) = &mut input {
        members.remove("Tags");
        members.remove("ClientToken");
    }
    if let Some(token) = &request.client_token
        && let Some(arn) = repeated(call, token, &input).await?
    {
        return Ok(arn);
    }
    let identifier = match (
        &request.model_package_name,
        &request.model_package_group_name,
    ) {
        (Some(name), None) => unversioned(call, name, &request, input).await?,
        (None, Some(group)) => {
            let group = find_group(call, group).await?;
            versioned(call, group, &request, input).await?
        }
        _ => {
            return Err(Fault::validation(
                "exactly one of ModelPackageName and ModelPackageGroupName must be given",
            ));
        }
    };
    let arn = identifier.arn(call);
    tags::add(call.aws, &call.caller(), &arn, &request.tags)
        .await
        .map_err(refused)?;
    Ok(arn)
}

fn refuse_unserved(input: &Value, request: &Request) -> Result<(), Fault> {
    for member in ["ValidationSpecification", "SourceAlgorithmSpecification"] {
        if input.get(member).is_some_and(|value| !value.is_null()) {
            return Err(Fault::unsupported(format!("{member} is not served")));
        }
    }
    if request.certify_for_marketplace {
        return Err(Fault::unsupported("CertifyForMarketplace is not served"));
    }
    Ok(())
}

/// The package that an earlier request with this token made.
async fn repeated(call: &Call<'_>, token: &str, input: &Value) -> Result<Option<String>, Fault> {
    let filter = DocumentFilter {
        kind: PACKAGE.to_owned(),
        labels: BTreeMap::from([(TOKEN.to_owned(), token.to_owned())]),
        limit: 1,
        ..DocumentFilter::default()
    };
    let found = call.aws.control.documents(&call.caller(), &filter).await;
    let (found, _) = found.map_err(refused)?;
    let Some(first) = found.into_iter().next() else {
        return Ok(None);
    };
    // Updates change the approval and more; what names the package must be the same.
    for member in ["ModelPackageName", "ModelPackageGroupName"] {
        let (before, now) = (&first.body["request"][member], &input[member]);
        let plain = |value: &Value| value.as_str().map(|name| group_name(name).to_owned());
        if plain(before) != plain(now) {
            return Err(conflict(
                "the ClientToken was already used for another model package",
            ));
        }
    }
    Ok(Some(Identifier::read(&first.id).arn(call)))
}

async fn versioned(
    call: &Call<'_>,
    mut group: Group,
    request: &Request,
    mut input: Value,
) -> Result<Identifier, Fault> {
    let status = request
        .model_approval_status
        .as_deref()
        .unwrap_or("PendingManualApproval");
    let wanted = approval(status)?;
    input["ModelApprovalStatus"] = json!(status);
    let mut added = None;
    if let Some(container) = container(&input)? {
        let least = group.body.newest.saturating_add(1);
        added = Some(register(call, &group.body.model, &container, wanted, least, request).await?);
    }
    let registered = added
        .as_ref()
        .map(|version| (version.model.clone(), version.version));
    let body = Body {
        request: input,
        registered,
        by: render::user(call),
        changed_by: None,
    };
    let mut number = match &added {
        Some(version) => version.version,
        None => next(call, &group).await?,
    };
    loop {
        let identifier = Identifier::Versioned {
            group: group.name.clone(),
            number,
        };
        let new = document(&identifier, &body, request.client_token.as_ref());
        match call.aws.control.create_document(&call.caller(), &new).await {
            Ok(_) => {
                count(call, group, number).await?;
                return Ok(identifier);
            }
            // The same request again, with the version that it registered the first time.
            Err(Refusal::AlreadyExists { .. }) if added.is_some() => {
                if request.client_token.is_some() {
                    return Ok(identifier);
                }
                return Err(conflict("another model package got this number; try again"));
            }
            Err(Refusal::AlreadyExists { .. }) => {
                group = find_group(call, &group.name).await?;
                number = next(call, &group).await?.max(number + 1);
            }
            Err(refusal) => return Err(refused(refusal)),
        }
    }
}

/// The number of the next package that has no version in the registry.
async fn next(call: &Call<'_>, group: &Group) -> Result<u32, Fault> {
    let model = match call
        .aws
        .control
        .model(&call.caller(), &group.body.model)
        .await
    {
        Ok(model) => model.newest,
        Err(Refusal::NotFound { .. }) => 0,
        Err(refusal) => return Err(refused(refusal)),
    };
    Ok(model.max(group.body.newest) + 1)
}

/// Keeps the newest number in the group; a model of another API gets its document now.
async fn count(call: &Call<'_>, mut group: Group, number: u32) -> Result<(), Fault> {
    loop {
        if group.revision.is_some() && group.body.newest >= number {
            return Ok(());
        }
        group.body.newest = group.body.newest.max(number);
        let new = groups::document(&group.name, &group.body);
        let caller = call.caller();
        let control = &call.aws.control;
        match control.put_document(&caller, &new, group.revision).await {
            Ok(_) => return Ok(()),
            Err(Refusal::Conflict { .. }) => group = find_group(call, &group.name).await?,
            Err(refusal) => return Err(refused(refusal)),
        }
    }
}

async fn unversioned(
    call: &Call<'_>,
    name: &str,
    request: &Request,
    input: Value,
) -> Result<Identifier, Fault> {
    names::check("ModelPackageName", name, 63)?;
    let identifier = Identifier::Unversioned(name.to_owned());
    let caller = call.caller();
    let control = &call.aws.control;
    if control
        .find_document(&caller, PACKAGE, name)
        .await
        .map_err(refused)?
        .is_some()
    {
        return Err(package_exists(call, &identifier));
    }
    let mut registered = None;
    if let Some(container) = container(&input)? {
        let model = own_model(call, name).await?;
        let approved = Approval::Approved;
        let added = register(call, &model, &container, approved, 1, request).await?;
        registered = Some((added.model, added.version));
    }
    let body = Body {
        request: input,
        registered,
        by: render::user(call),
        changed_by: None,
    };
    let new = document(&identifier, &body, request.client_token.as_ref());
    match control.create_document(&caller, &new).await {
        Ok(_) => Ok(identifier),
        Err(Refusal::AlreadyExists { .. }) => Err(package_exists(call, &identifier)),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// The registry's name for a package outside of groups.
async fn own_model(call: &Call<'_>, name: &str) -> Result<ModelName, Fault> {
    let own = model_name(name)?;
    let caller = call.caller();
    let control = &call.aws.control;
    let mut taken = version(call, own.clone(), 1).await?.is_some();
    for kind in [GROUP, MODEL] {
        taken |= control
            .find_document(&caller, kind, name)
            .await
            .map_err(refused)?
            .is_some();
    }
    if taken {
        suffixed(name, ".package")
    } else {
        Ok(own)
    }
}

/// The one container of a request's InferenceSpecification that has an artifact.
pub(super) fn container(input: &Value) -> Result<Option<Container>, Fault> {
    let specification = match input.get("InferenceSpecification") {
        None | Some(Value::Null) => return Ok(None),
        Some(specification) => read::<InferenceSpecification>(specification.clone())?,
    };
    let mut containers = specification.containers;
    if containers.len() > 1 {
        return Err(Fault::unsupported(
            "inference pipelines of several containers are not served",
        ));
    }
    Ok(containers
        .pop()
        .filter(|container| container.artifact().is_some()))
}

async fn register(
    call: &Call<'_>,
    model: &ModelName,
    container: &Container,
    approval: Approval,
    least: u32,
    request: &Request,
) -> Result<ModelVersion, Fault> {
    Reach::of(call, None).await?.container(container).await?;
    let new = models::described(call, container, PACKAGED, approval).await?;
    let token = request.client_token.as_ref();
    let token = token.map(|token| format!("sagemaker:CreateModelPackage:{token}"));
    models::add(call, model, &new, least, token).await
}
