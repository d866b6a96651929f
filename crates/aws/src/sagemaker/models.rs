//! SageMaker's models: a document with what was sent, and a version in the registry that can be
//! deployed through any API.

use super::fault::{could_not_find, fault};
use super::jobs::channels;
use super::registry;
use super::{algorithms, image};
use crate::fault::Fault;
use crate::operation::{Call, read};
use control::documents::Document;
use control::models::NewVersion;
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
}

/// `ContainerDefinition`, as far as it decides what answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Container {
    #[serde(default)]
    image: Option<String>,
    /// A version of the registry instead of a container.
    #[serde(default)]
    pub(crate) model_package_name: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    model_data_url: Option<String>,
    #[serde(default)]
    model_data_source: Option<ModelDataSource>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModelDataSource {
    #[serde(default)]
    s3_data_source: Option<S3ModelDataSource>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3ModelDataSource {
    s3_uri: String,
}

/// The request's containers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Containers {
    #[serde(default)]
    primary_container: Option<Container>,
    #[serde(default)]
    containers: Vec<Container>,
}

/// The version that a model stands for: the one of a package, or one that is registered for its
/// container.
pub(crate) async fn version(
    call: &Call<'_>,
    name: &str,
    containers: Containers,
) -> Result<ModelVersion, Fault> {
    let container = only(containers)?;
    if let Some(package) = &container.model_package_name {
        return registry::deployable(call, package, &container.environment, name).await;
    }
    let model = registry::free_name(call, name).await?;
    let new = described(call, &container, MADE_HERE, Approval::Approved).await?;
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

fn only(containers: Containers) -> Result<Container, Fault> {
    let mut all: Vec<Container> = containers
        .primary_container
        .into_iter()
        .chain(containers.containers)
        .collect();
    match (all.pop(), all.is_empty()) {
        (Some(container), true) => match container.mode.as_deref() {
            Some("MultiModel") => Err(Fault::unsupported(
                "multi-model containers are not served; make an endpoint for each model",
            )),
            _ => Ok(container),
        },
        (Some(_), false) => Err(Fault::unsupported(
            "inference pipelines of several containers are not served",
        )),
        (None, _) => Err(Fault::validation(
            "1 validation error detected: You must provide one of PrimaryContainer or Containers",
        )),
    }
}

impl Model {
    /// The registry's name for a model of this name.
    pub(crate) fn registered<'a>(&'a self, name: &'a str) -> &'a str {
        self.registry_name.as_deref().unwrap_or(name)
    }
}

impl Container {
    pub(crate) fn artifact(&self) -> Option<String> {
        let source = self.model_data_source.as_ref();
        let source = source.and_then(|source| source.s3_data_source.as_ref());
        let url = self.model_data_url.clone().filter(|url| !url.is_empty());
        url.or_else(|| source.map(|source| source.s3_uri.clone()))
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
    let environment = image::environment(container.image.as_deref().unwrap_or_default());
    let mut contract = ServingContract {
        environment,
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
            };
            Ok((found, None))
        }
        Ok(_) | Err(Refusal::NotFound { .. }) => Err(missing()),
        Err(refusal) => Err(fault(refusal)),
    }
}
