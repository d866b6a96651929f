//! `ContainerDefinition`s of a model's request
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html>).

use super::image;
use crate::fault::Fault;
use domain::Name;
use domain::environment::Environment;
use domain::function::Network;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most containers of a model
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html>).
const MOST_CONTAINERS: usize = 15;

/// `ContainerDefinition`, as far as it decides what answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Container {
    #[serde(default)]
    pub(super) image: Option<String>,
    /// A version of the registry instead of a container.
    #[serde(default)]
    pub(crate) model_package_name: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    pub(crate) container_hostname: Option<String>,
    #[serde(default)]
    model_data_url: Option<String>,
    #[serde(default)]
    model_data_source: Option<ModelDataSource>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
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
    #[serde(default)]
    inference_execution_config: Option<ExecutionConfig>,
    #[serde(default)]
    enable_network_isolation: bool,
}

/// `InferenceExecutionConfig`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExecutionConfig {
    mode: String,
}

impl Containers {
    /// In their order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Container> {
        self.primary_container.iter().chain(&self.containers)
    }

    /// Whether each container is asked by its name instead of one after the other.
    pub(crate) fn is_direct(&self) -> bool {
        let config = self.inference_execution_config.as_ref();
        config.is_some_and(|config| config.mode == "Direct")
    }

    /// What of the network its workers may reach.
    pub(crate) fn network(&self) -> Network {
        if self.enable_network_isolation {
            Network::Loopback
        } else {
            Network::Open
        }
    }

    /// In their order, when they can be served together.
    pub(super) fn checked(&self) -> Result<Vec<&Container>, Fault> {
        let all: Vec<&Container> = self.all().collect();
        if all.is_empty() || (self.primary_container.is_some() && !self.containers.is_empty()) {
            return Err(Fault::validation(
                "1 validation error detected: You must provide one of PrimaryContainer or \
                 Containers",
            ));
        }
        if all.len() > MOST_CONTAINERS {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value at 'containers' failed to satisfy constraint: \
                 Member must have length less than or equal to {MOST_CONTAINERS}"
            )));
        }
        if all.len() > 1 && all.iter().any(|container| container.is_multi_model()) {
            return Err(Fault::unsupported(
                "a multi-model container is served alone; it cannot be one of several containers",
            ));
        }
        let hosts: Vec<&str> = all.iter().filter_map(|one| one.host()).collect();
        for (position, host) in hosts.iter().enumerate() {
            let is_name = Name::new(*host).is_ok();
            if !is_name || hosts[..position].contains(host) {
                return Err(Fault::validation(format!(
                    "ContainerHostname `{host}` is not a name of its own"
                )));
            }
        }
        if self.is_direct() && hosts.len() < all.len() {
            return Err(Fault::validation(
                "every container needs a ContainerHostname when InferenceExecutionConfig has the \
                 mode Direct",
            ));
        }
        Ok(all)
    }
}

impl Container {
    /// Whether it answers for all models below a prefix.
    pub(crate) fn is_multi_model(&self) -> bool {
        self.mode.as_deref() == Some("MultiModel")
    }

    /// The name that requests have it by.
    pub(crate) fn host(&self) -> Option<&str> {
        self.container_hostname.as_deref()
    }

    /// The same container with one model.
    pub(crate) fn with_artifact(&self, location: String) -> Self {
        Self {
            mode: None,
            model_data_url: Some(location),
            model_data_source: None,
            ..self.clone()
        }
    }

    /// The environment of its image.
    pub(crate) fn environment(&self) -> Environment {
        image::environment(self.image.as_deref().unwrap_or_default())
    }

    /// What it answers with unless a request says otherwise.
    pub(crate) fn usual_accept(&self) -> Option<&str> {
        let name = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT";
        self.environment.get(name).map(String::as_str)
    }

    /// Where its scripts are, when that is an address.
    pub(crate) fn code(&self) -> Option<String> {
        let directory = self.environment.get("SAGEMAKER_SUBMIT_DIRECTORY");
        directory.filter(|uri| uri.starts_with("s3://")).cloned()
    }

    pub(crate) fn artifact(&self) -> Option<String> {
        let source = self.model_data_source.as_ref();
        let source = source.and_then(|source| source.s3_data_source.as_ref());
        let url = self.model_data_url.clone().filter(|url| !url.is_empty());
        url.or_else(|| source.map(|source| source.s3_uri.clone()))
    }
}
