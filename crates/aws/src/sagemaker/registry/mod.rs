//! The model registry: groups and packages are views of the neutral registry's models and
//! versions. What only SageMaker knows of them is kept as documents; a model that another API
//! registered is a group whose versions are packages, as far as its name is one of SageMaker's.

mod create;
mod fault;
mod groups;
mod identifier;
mod packages;
mod render;
mod update;

pub(crate) use create::create;
pub(crate) use groups::{all_groups, create_group, delete_group, find_group, list_groups};
pub(crate) use identifier::group_name;
pub(crate) use packages::{delete, find, of_group, unversioned};
pub(crate) use render::{described, group, summary, user};
pub(crate) use update::update;

use super::fault::fault as refused;
use super::models::{MADE_HERE, Model, add};
use crate::fault::Fault;
use crate::operation::Call;
use control::models::NewVersion;
use domain::function::Network;
use domain::model::{Approval, ModelReference, ModelVersion};
use domain::{ModelName, Refusal};
use std::collections::BTreeMap;

/// The kind of groups' documents.
pub(crate) const GROUP: &str = "sagemaker/model-package-group";
/// The kind of packages' documents.
pub(crate) const PACKAGE: &str = "sagemaker/model-package";

/// The tag of versions that have, or had, a package's document.
const PACKAGED: &str = "sagemaker:model-package";

/// Longest name in the registry.
const LONGEST: usize = 63;

/// Whether a version was registered by another API.
pub(crate) fn is_of_others(version: &ModelVersion) -> bool {
    !version.tags.contains_key(MADE_HERE) && !version.tags.contains_key(PACKAGED)
}

/// A name with a suffix, which no name of SageMaker's can have.
pub(crate) fn suffixed(name: &str, suffix: &str) -> Result<ModelName, Fault> {
    let kept: String = name.chars().take(LONGEST - suffix.len()).collect();
    model_name(&format!("{kept}{suffix}"))
}

fn model_name(name: &str) -> Result<ModelName, Fault> {
    ModelName::new(name).map_err(|error| Fault::validation(error.to_string()))
}

/// The registry's name for a model of this name: its own, unless a group or a package has it.
pub(crate) async fn free_name(call: &Call<'_>, name: &str) -> Result<ModelName, Fault> {
    for kind in [GROUP, PACKAGE] {
        let caller = call.caller();
        let found = call.aws.control.find_document(&caller, kind, name).await;
        if found.map_err(refused)?.is_some() {
            return suffixed(name, ".model");
        }
    }
    model_name(name)
}

/// The version that a model which names a package stands for. A variable besides, or another network,
/// makes a version of its own.
pub(crate) async fn deployable(
    call: &Call<'_>,
    package: &str,
    variables: &BTreeMap<String, String>,
    network: Network,
    model: &str,
) -> Result<ModelVersion, Fault> {
    let package = find(call, package).await?;
    let arn = package.arn(call);
    let Some(version) = package.version else {
        return Err(Fault::validation(format!(
            "ModelPackage {arn} has no InferenceSpecification, so that no model can be made of it"
        )));
    };
    if version.approval != Approval::Approved {
        return Err(Fault::validation(format!(
            "ModelPackage {arn} is not approved; its ModelApprovalStatus must be Approved before \
             a model is made of it"
        )));
    }
    if variables.is_empty() && network == version.serving.network {
        return Ok(version);
    }
    let mut serving = version.serving;
    serving.env.extend(variables.clone());
    serving.network = network;
    let new = NewVersion {
        artifact: version.artifact,
        serving,
        approval: version.approval,
        metrics: version.metrics,
        tags: BTreeMap::from([(MADE_HERE.to_owned(), String::new())]),
    };
    add(call, &free_name(call, model).await?, &new, 1, None).await
}

/// Whether what a model stands for belongs to somebody else: a package, or another API.
pub(crate) async fn is_package(call: &Call<'_>, model: &Model, name: &str) -> Result<bool, Fault> {
    let name = model_name(model.registered(name))?;
    let found = version(call, name, model.version).await?;
    Ok(found.is_none_or(|version| !version.tags.contains_key(MADE_HERE)))
}

/// A version, if it is there.
async fn version(
    call: &Call<'_>,
    name: ModelName,
    number: u32,
) -> Result<Option<ModelVersion>, Fault> {
    let reference = ModelReference::Version(name, number);
    let caller = call.caller();
    match call.aws.control.model_version(&caller, &reference).await {
        Ok(version) => Ok(Some(version)),
        Err(Refusal::NotFound { .. }) => Ok(None),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// All versions of a model; none when it is not there.
async fn versions(call: &Call<'_>, name: &ModelName) -> Result<Vec<ModelVersion>, Fault> {
    let (mut all, mut after) = (Vec::new(), None);
    let caller = call.caller();
    loop {
        let control = &call.aws.control;
        match control.model_versions(&caller, name, after, 500).await {
            Ok((page, next)) => {
                all.extend(page);
                after = next;
            }
            Err(Refusal::NotFound { .. }) => return Ok(all),
            Err(refusal) => return Err(refused(refusal)),
        }
        if after.is_none() {
            return Ok(all);
        }
    }
}
