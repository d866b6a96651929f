//! [`Endpoints`] behind the contract that control speaks: it prepares the environments first, then
//! applies what was resolved.

mod preparations;
mod resolve;

use crate::endpoints::Endpoints;
use crate::spec::EndpointKey;
use crate::status::{EndpointStatus, Phase, Role};
use contracts::data_plane::{
    Answer, CanaryReport, DataPlane, DesiredEndpoint, EndpointObservation, Invocation,
};
use contracts::environments::Environments;
use domain::{EndpointName, Refusal, Workspace};
use preparations::{Preparations, Stage};
use std::sync::Arc;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::Instant;

/// The data plane of one server.
pub struct Plane {
    endpoints: Endpoints,
    environments: Arc<dyn Environments>,
    preparations: Arc<Preparations>,
    seen: AsyncMutex<(watch::Receiver<u64>, watch::Receiver<u64>)>,
}

impl Plane {
    /// Over endpoints whose Python replicas run in environments made by `environments`.
    pub fn new(endpoints: Endpoints, environments: Arc<dyn Environments>) -> Self {
        let preparations = Arc::new(Preparations::default());
        let seen = (endpoints.changes(), preparations.changed.subscribe());
        Self {
            endpoints,
            environments,
            preparations,
            seen: AsyncMutex::new(seen),
        }
    }

    /// The endpoints themselves, for figures, logs and the Open Inference Protocol.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }
}

fn describe(status: &EndpointStatus) -> String {
    let current = status.serving == Some(status.generation);
    let role = if current {
        Role::Serving
    } else {
        Role::Incoming
    };
    let relevant = status
        .deployments
        .iter()
        .filter(|deployment| deployment.role == role);
    let (ready, wanted) = relevant.fold((0, 0), |(ready, wanted), deployment| {
        (
            ready + deployment.ready.min(deployment.wanted),
            wanted + deployment.wanted,
        )
    });
    format!("starting replicas, {ready} of {wanted} are ready")
}

fn key(workspace: &Workspace, name: &EndpointName) -> EndpointKey {
    EndpointKey {
        workspace: workspace.clone(),
        name: name.clone(),
    }
}

#[async_trait::async_trait]
impl DataPlane for Plane {
    async fn apply(&self, desired: DesiredEndpoint) {
        let key = key(&desired.workspace, &desired.name);
        let generation = desired.generation;
        if !self.preparations.begin(&key, generation) {
            return;
        }
        let preparations = Arc::clone(&self.preparations);
        let environments = Arc::clone(&self.environments);
        let endpoints = self.endpoints.clone();
        tokio::spawn(async move {
            let prepared = resolve::prepare(&preparations, &*environments, (&desired, &key)).await;
            let failed = |message| Stage::Failed(message, Instant::now());
            let spec = match prepared {
                Ok(spec) => spec,
                Err(message) => {
                    preparations.advance(&key, generation, failed(message));
                    return;
                }
            };
            if preparations.advance(&key, generation, Stage::Applied)
                && let Err(error) = endpoints.apply(spec, generation)
            {
                preparations.advance(&key, generation, failed(error.to_string()));
            }
        });
    }

    fn knows(&self, workspace: &Workspace, name: &EndpointName) -> bool {
        self.endpoints.has(&key(workspace, name))
    }

    async fn observe(&self, workspace: &Workspace, name: &EndpointName) -> EndpointObservation {
        let key = key(workspace, name);
        let status = self.endpoints.status(&key);
        let serving = status.as_ref().and_then(|status| status.serving);
        let all = self.preparations.all();
        if let Some(preparation) = all.get(&key) {
            match &preparation.stage {
                Stage::Preparing(step) => {
                    return EndpointObservation::Progressing {
                        serving,
                        step: step.clone(),
                    };
                }
                Stage::Failed(message, _) => {
                    let generation = preparation.generation;
                    return EndpointObservation::Failed {
                        generation,
                        message: message.clone(),
                    };
                }
                Stage::Applied => {}
            }
        }
        let Some(status) = status else {
            return EndpointObservation::Absent;
        };
        let generation = status.generation;
        match &status.phase {
            Phase::Ready => EndpointObservation::Ready { generation },
            Phase::Creating => EndpointObservation::Progressing {
                serving: None,
                step: describe(&status),
            },
            Phase::Updating => EndpointObservation::Progressing {
                serving,
                step: describe(&status),
            },
            Phase::Failing { message } => EndpointObservation::Failed {
                generation,
                message: message.clone(),
            },
        }
    }

    async fn remove(&self, workspace: &Workspace, name: &EndpointName) {
        let key = key(workspace, name);
        self.preparations.forget(&key);
        self.endpoints.remove(&key).await;
    }

    async fn invoke(
        &self,
        workspace: &Workspace,
        name: &EndpointName,
        request: Invocation,
    ) -> Result<Answer, Refusal> {
        let request = crate::call::Request {
            content_type: request.content_type,
            accept: request.accept,
            body: request.body,
            variant: request.deployment,
            headers: request.headers,
            deadline: request.deadline.to_std(),
        };
        let response = self
            .endpoints
            .invoke(&key(workspace, name), request)
            .await?;
        Ok(Answer {
            status: response.status,
            headers: response.headers,
            content_type: response.content_type,
            body: response.body,
            deployment: response.variant,
            model: response.model,
            microseconds: u64::try_from(response.latency.as_micros()).unwrap_or(u64::MAX),
        })
    }

    fn canaries(&self) -> Vec<CanaryReport> {
        self.endpoints.canaries()
    }

    async fn changed(&self) {
        let mut seen = self.seen.lock().await;
        let (endpoints, preparations) = &mut *seen;
        // The senders live as long as we do.
        tokio::select! {
            _ = endpoints.changed() => {}
            _ = preparations.changed() => {}
        }
    }
}
