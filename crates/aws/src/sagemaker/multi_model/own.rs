//! The endpoint of one model of a multi-model endpoint: made, waited for, and put in place of what the
//! same key had before.

use super::forget::forget;
use super::{PARENT, TARGET, shortened};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::container::Container;
use crate::sagemaker::fault::fault;
use crate::sagemaker::models;
use crate::sagemaker::{endpoints, variants};
use control::Caller;
use domain::endpoint::{Deployment, DeploymentOptions, Endpoint, EndpointPhase, EndpointSpec};
use domain::function::Network;
use domain::model::{Approval, ModelReference, ModelVersion};
use domain::traffic::Traffic;
use domain::{EndpointName, ModelName, Name, Refusal, Share};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a first request waits for its model, as long as a container has for an answer.
const PATIENCE: Duration = Duration::from_mins(1);
const MOMENT: Duration = Duration::from_millis(20);

/// A model's own endpoint.
pub(super) struct Own<'a> {
    pub(super) call: &'a Call<'a>,
    /// Models are loaded for whoever may ask, so that this is not the caller's doing.
    pub(super) system: Caller,
    pub(super) name: EndpointName,
    pub(super) target: &'a str,
}

impl Own<'_> {
    pub(super) async fn endpoint(&self) -> Result<Option<Arc<Endpoint>>, Fault> {
        let found = self
            .call
            .aws
            .control
            .look_at_endpoint(&self.system, &self.name);
        match found.await {
            Ok(endpoint) => Ok(Some(endpoint)),
            Err(Refusal::NotFound { .. }) => Ok(None),
            Err(refusal) => Err(fault(refusal)),
        }
    }

    pub(super) async fn make(&self, parent: &Endpoint, location: String) -> Result<(), Fault> {
        let (call, control) = (self.call, &self.call.aws.control);
        let gone = || {
            Fault::new(
                "ValidationError",
                format!("Endpoint {} is gone", parent.name),
            )
        };
        let found = endpoints::find(call, parent.name.as_str()).await?;
        let document = found.ok_or_else(gone)?.document;
        let all = variants::of_config(call, &document.config).await?;
        let variant = all.first().ok_or_else(gone)?;
        let (model, _) =
            models::find(call, variant.model_name.as_deref().unwrap_or_default()).await?;
        let containers = model.containers()?;
        let network = containers.network();
        let container = containers.all().next().ok_or_else(gone)?;
        let container = container.with_artifact(location);
        let version = self.version(&container, network).await?;
        let spec = EndpointSpec {
            deployments: vec![Deployment {
                name: Name::new(variant.variant_name.as_str())
                    .map_err(|error| Fault::validation(error.to_string()))?,
                model: version.model,
                version: version.version,
                replicas: 0,
                share: Share::ALL,
                options: DeploymentOptions {
                    most_replicas: Some(document.count(variant).max(1)),
                    ..DeploymentOptions::default()
                },
            }],
            tags: BTreeMap::from([
                (PARENT.to_owned(), parent.name.to_string()),
                (TARGET.to_owned(), shortened(self.target)),
            ]),
            traffic: Traffic::default(),
            capture: parent.spec.capture.clone(),
        };
        let put = control.put_endpoint(&self.system, &self.name, &spec).await;
        put.map(|_| ()).map_err(fault)
    }

    /// The version of the model; of two first requests at once both may register one.
    async fn version(
        &self,
        container: &Container,
        network: Network,
    ) -> Result<ModelVersion, Fault> {
        let control = &self.call.aws.control;
        let name = ModelName::new(self.name.as_str())
            .map_err(|error| Fault::validation(error.to_string()))?;
        let newest = ModelReference::Newest(name.clone());
        match control.model_version(&self.system, &newest).await {
            Ok(version) => return Ok(version),
            Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
        let new = models::described(self.call, container, models::MADE_HERE, Approval::Approved);
        let mut new = new.await?;
        new.serving.network = network;
        let registered = control.register_version_from(&self.system, &name, &new, 1);
        registered.await.map_err(fault)
    }

    /// Until it answers.
    pub(super) async fn wait(&self) -> Result<(), Fault> {
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.endpoint().await? {
                Some(found) => match &found.phase {
                    EndpointPhase::Ready => return Ok(()),
                    EndpointPhase::Failed { message } => {
                        let message = message.clone();
                        return Err(fault(Refusal::ModelFailed { message }));
                    }
                    _ => {}
                },
                None => break,
            }
            tokio::time::sleep(MOMENT).await;
        }
        Err(Fault::new(
            "ModelNotReadyException",
            format!("The model {} is not ready yet; try again.", self.target),
        )
        .with_status(http::StatusCode::TOO_MANY_REQUESTS))
    }

    /// Takes down what the endpoint served of the same key before.
    pub(super) async fn forget_earlier(&self, parent: &Endpoint) -> Result<(), Fault> {
        let target = shortened(self.target);
        forget(self.call, &parent.name, |own| {
            own.name != self.name && own.spec.tags.get(TARGET) == Some(&target)
        })
        .await
    }
}
