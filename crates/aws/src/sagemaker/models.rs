//! SageMaker's models: a document with what was sent, and a version in the registry that can be
//! deployed through any API.

use super::container::{Container, Containers};
use super::fault::{could_not_find, fault};
use super::jobs::channels;
use super::registry;
use super::{algorithms, multi_model};
use crate::fault::Fault;
use crate::operation::{Call, read};
use control::documents::Document;
use control::models::NewVersion;
use domain::function::Network;
use domain::job::CodeArchive;
use domain::model::{Approval, ModelVersion, ServingContract};
use domain::{ModelName, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The document's kind.
pub(crate) const KIND: &str = "sagemaker/model";

/// The tag of versions that have, or had, a document.
pub(crate) const MADE_HERE: &str = "sagemaker:model";

/// What a model's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Model {
    /// As it was sent, without tags.
    pub(crate) request: Value,
    /// The registry's name for it; unset means that it is its own.
    #[serde(default, rename = "model", skip_serializing_if = "Option::is_none")]
    pub(crate) registry_name: Option<String>,
    /// The version in the registry.
    pub(crate) version: u32,
    /// The versions of the containers after the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) others: Vec<Other>,
}

/// What a container after the first stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Other {
    /// The registry's name for it.
    pub(crate) model: ModelName,
    /// The version there.
    pub(crate) version: u32,
}

/// The versions that a model stands for, one for each of its containers.
pub(crate) async fn versions(
    call: &Call<'_>,
    name: &str,
    containers: Containers,
) -> Result<Vec<ModelVersion>, Fault> {
    let network = containers.network();
    let mut versions = Vec::new();
    for (position, container) in containers.checked()?.iter().enumerate() {
        let found = match position {
            0 => version(call, name, container, network).await?,
            other => {
                let name = registry::suffixed(name, &format!(".{}", other + 1))?;
                version(call, name.as_str(), container, network).await?
            }
        };
        versions.push(found);
    }
    Ok(versions)
}

/// The version of a container: the one of a package, or one that is registered for it.
async fn version(
    call: &Call<'_>,
    name: &str,
    container: &Container,
    network: Network,
) -> Result<ModelVersion, Fault> {
    if let Some(package) = &container.model_package_name {
        return registry::deployable(call, package, &container.environment, network, name).await;
    }
    let model = registry::free_name(call, name).await?;
    let mut new = if container.is_multi_model() {
        multi_model::nothing_yet(call, container).await?
    } else {
        described(call, container, MADE_HERE, Approval::Approved).await?
    };
    new.serving.network = network;
    add(call, &model, &new, 1, None).await
}

/// What is registered for a container.
pub(crate) async fn described(
    call: &Call<'_>,
    container: &Container,
    mark: &str,
    approval: Approval,
) -> Result<NewVersion, Fault> {
    let artifact = container.artifact().ok_or_else(|| {
        Fault::unsupported(
            "a model without ModelDataUrl is not served: its container alone would have to run",
        )
    })?;
    let serving = serving(call, container, &artifact).await?;
    Ok(NewVersion {
        artifact,
        serving,
        approval,
        metrics: BTreeMap::new(),
        tags: BTreeMap::from([(mark.to_owned(), String::new())]),
    })
}

/// Registers a version; `token` makes a repetition of the request find the same one.
pub(crate) async fn add(
    call: &Call<'_>,
    model: &ModelName,
    new: &NewVersion,
    least: u32,
    token: Option<String>,
) -> Result<ModelVersion, Fault> {
    let caller = call.principal.caller(token);
    let control = &call.aws.control;
    let registered = control
        .register_version_from(&caller, model, new, least)
        .await;
    registered.map_err(|refusal| match refusal {
        Refusal::Invalid { message } => {
            let data = &new.artifact;
            Fault::validation(format!("Could not find model data at {data}. ({message})"))
        }
        other => fault(other),
    })
}

impl Model {
    /// The registry's name for a model of this name.
    pub(crate) fn registered<'a>(&'a self, name: &'a str) -> &'a str {
        self.registry_name.as_deref().unwrap_or(name)
    }

    /// Its containers, as they were sent.
    pub(crate) fn containers(&self) -> Result<Containers, Fault> {
        read(self.request.clone())
    }

    /// What a model of one container is needed for cannot be done with this one.
    pub(crate) fn one(&self, what: &str) -> Result<(), Fault> {
        let containers = self.containers()?;
        if self.others.is_empty() && !containers.all().any(Container::is_multi_model) {
            return Ok(());
        }
        Err(Fault::unsupported(format!(
            "{what} is served with a model of one container and one artifact"
        )))
    }
}

/// How it answers: the program in the submit directory, the one packed into the model's `code/`,
/// or the model by itself.
async fn serving(
    call: &Call<'_>,
    container: &Container,
    artifact: &str,
) -> Result<ServingContract, Fault> {
    let program = container
        .environment
        .get("SAGEMAKER_PROGRAM")
        .filter(|name| !name.is_empty());
    let directory = container.environment.get("SAGEMAKER_SUBMIT_DIRECTORY");
    let mut contract = ServingContract {
        environment: container.environment(),
        env: container.environment.clone(),
        ..ServingContract::default()
    };
    match (program, directory) {
        (Some(program), Some(directory)) if directory.starts_with("s3://") => {
            contract.handler = Some(program.clone());
            contract.code = Some(channels::code(call, directory).await?);
        }
        (Some(program), _) => {
            contract.handler = Some(format!("code/{program}"));
            contract.code = Some(CodeArchive {
                location: artifact.to_owned(),
                content_hash: channels::code(call, artifact).await?.content_hash,
            });
        }
        (None, _) if algorithms::is_xgboost(container.image.as_deref().unwrap_or_default()) => {
            let (code, handler) = algorithms::serving(call).await?;
            contract.handler = Some(handler);
            contract.code = Some(code);
        }
        (None, _) => {}
    }
    Ok(contract)
}

/// A model by its name; one that another API registered is a model, too.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<(Model, Option<Document>), Fault> {
    let arn = call.arn("sagemaker", &format!("model/{name}"));
    let missing = || could_not_find("model", &arn);
    let found = call
        .aws
        .control
        .find_document(&call.caller(), KIND, name)
        .await
        .map_err(fault)?;
    if let Some(known) = found {
        let model = read(known.document.body.clone())?;
        return Ok((model, Some(known.document)));
    }
    let reference = ModelName::new(name).map_err(|_| missing())?;
    let reference = domain::model::ModelReference::Newest(reference);
    let version = call
        .aws
        .control
        .model_version(&call.caller(), &reference)
        .await;
    match version {
        // A version whose document was deleted stays only for the endpoints that use it.
        Ok(version) if registry::is_of_others(&version) => {
            let request = serde_json::json!({
                "PrimaryContainer": {"ModelDataUrl": version.artifact},
            });
            let version = version.version;
            let found = Model {
                request,
                registry_name: None,
                version,
                others: Vec::new(),
            };
            Ok((found, None))
        }
        Ok(_) | Err(Refusal::NotFound { .. }) => Err(missing()),
        Err(refusal) => Err(fault(refusal)),
    }
}
