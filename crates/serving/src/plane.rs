//! [`Endpoints`] behind the contract that control speaks: it prepares the environments first, then
//! applies what was resolved.

use crate::endpoints::Endpoints;
use crate::spec::{DeploymentSpec, EndpointKey, EndpointSpec, Handler, Limits};
use crate::status::{EndpointStatus, Phase, Role};
use contracts::data_plane::{
    Answer, DataPlane, DesiredEndpoint, EndpointObservation, Invocation, ResolvedDeployment,
};
use contracts::environments::Environments;
use domain::{EndpointName, Refusal, Workspace};
use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::Instant;

/// An environment that could not be made is tried again, when asked, after this time.
const AGAIN: Duration = Duration::from_secs(30);

/// The data plane of one server.
pub struct Plane {
    endpoints: Endpoints,
    environments: Arc<dyn Environments>,
    preparations: Arc<Preparations>,
    seen: AsyncMutex<(watch::Receiver<u64>, watch::Receiver<u64>)>,
}

/// What is being made ready before it can be applied.
#[derive(Default)]
struct Preparations {
    all: Mutex<BTreeMap<EndpointKey, Preparation>>,
    changed: watch::Sender<u64>,
}

struct Preparation {
    generation: u64,
    stage: Stage,
}

enum Stage {
    Preparing(String),
    Failed(String, Instant),
    Applied,
}

impl Plane {
    /// Over endpoints whose Python replicas run in environments made by `environments`.
    pub fn new(endpoints: Endpoints, environments: Arc<dyn Environments>) -> Self {
        let preparations = Arc::new(Preparations::default());
        let seen = (endpoints.changes(), preparations.changed.subscribe());
        Self { endpoints, environments, preparations, seen: AsyncMutex::new(seen) }
    }

    /// The endpoints themselves, for figures, logs and the Open Inference Protocol.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }
}

impl Preparations {
    /// True when this generation shall be prepared now.
    fn begin(&self, key: &EndpointKey, generation: u64) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(present) = all.get(key) {
            let again = match &present.stage {
                Stage::Failed(_, at) => at.elapsed() >= AGAIN,
                Stage::Preparing(_) | Stage::Applied => false,
            };
            if present.generation > generation || present.generation == generation && !again {
                return false;
            }
        }
        let stage = Stage::Preparing("preparing".to_owned());
        all.insert(key.clone(), Preparation { generation, stage });
        drop(all);
        self.changed.send_modify(|count| *count += 1);
        true
    }

    /// Moves a preparation on; false when a newer one or a removal took its place.
    fn advance(&self, key: &EndpointKey, generation: u64, stage: Stage) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(present) = all.get_mut(key).filter(|present| present.generation == generation)
        else {
            return false;
        };
        present.stage = stage;
        drop(all);
        self.changed.send_modify(|count| *count += 1);
        true
    }

    fn forget(&self, key: &EndpointKey) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        self.changed.send_modify(|count| *count += 1);
    }
}

async fn prepare(
    preparations: &Preparations,
    environments: &dyn Environments,
    desired: &DesiredEndpoint,
    key: &EndpointKey,
) -> Result<EndpointSpec, String> {
    let mut deployments = Vec::with_capacity(desired.deployments.len());
    for resolved in &desired.deployments {
        let progress = |line: &str| {
            let step = format!("deployment `{}`: {line}", resolved.name);
            preparations.advance(key, desired.generation, Stage::Preparing(step));
        };
        let prepared = environments.prepare(&resolved.environment, &progress).await;
        let prepared = prepared.map_err(|error| {
            format!("the environment of deployment `{}` cannot be made: {error}", resolved.name)
        })?;
        let revision = format!("{} {}", prepared.hash, resolved.model);
        deployments.push(deployment(resolved, prepared.python, revision)?);
    }
    Ok(EndpointSpec { key: key.clone(), deployments, limits: Limits::default() })
}

fn deployment(
    resolved: &ResolvedDeployment,
    interpreter: std::path::PathBuf,
    revision: String,
) -> Result<DeploymentSpec, String> {
    let entry = match (&resolved.handler, &resolved.code_folder) {
        (None, _) => None,
        (Some(handler), Some(folder)) if stays_inside(handler) => Some(folder.join(handler)),
        (Some(handler), Some(_)) => {
            return Err(format!("the handler `{handler}` is not a path inside the code folder"));
        }
        (Some(handler), None) => {
            return Err(format!("the handler `{handler}` has no code folder to be found in"));
        }
    };
    let model_folder = resolved.model_folder.clone();
    Ok(DeploymentSpec {
        model: resolved.model.clone(),
        revision,
        handler: Handler { entry, ..Handler::default() },
        environment: resolved.env.clone(),
        replicas: resolved.replicas,
        share: resolved.share,
        ..DeploymentSpec::new(resolved.name.clone(), model_folder, interpreter)
    })
}

fn stays_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.is_empty() && components.all(|part| matches!(part, Component::Normal(_)))
}

fn describe(status: &EndpointStatus) -> String {
    let current = status.serving == Some(status.generation);
    let role = if current { Role::Serving } else { Role::Incoming };
    let relevant = status.deployments.iter().filter(|deployment| deployment.role == role);
    let (ready, wanted) = relevant.fold((0, 0), |(ready, wanted), deployment| {
        (ready + deployment.ready.min(deployment.wanted), wanted + deployment.wanted)
    });
    format!("starting replicas, {ready} of {wanted} are ready")
}

fn key(workspace: &Workspace, name: &EndpointName) -> EndpointKey {
    EndpointKey { workspace: workspace.clone(), name: name.clone() }
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
            let prepared = prepare(&preparations, &*environments, &desired, &key).await;
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

    async fn observe(&self, workspace: &Workspace, name: &EndpointName) -> EndpointObservation {
        let key = key(workspace, name);
        let status = self.endpoints.status(&key);
        let serving = status.as_ref().and_then(|status| status.serving);
        let all = self.preparations.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(preparation) = all.get(&key) {
            match &preparation.stage {
                Stage::Preparing(step) => {
                    return EndpointObservation::Progressing { serving, step: step.clone() };
                }
                Stage::Failed(message, _) => {
                    let generation = preparation.generation;
                    return EndpointObservation::Failed { generation, message: message.clone() };
                }
                Stage::Applied => {}
            }
        }
        let Some(status) = status else { return EndpointObservation::Absent };
        let generation = status.generation;
        match &status.phase {
            Phase::Ready => EndpointObservation::Ready { generation },
            Phase::Creating => {
                EndpointObservation::Progressing { serving: None, step: describe(&status) }
            }
            Phase::Updating => {
                EndpointObservation::Progressing { serving, step: describe(&status) }
            }
            Phase::Failing { message } => {
                EndpointObservation::Failed { generation, message: message.clone() }
            }
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
            deadline: request.deadline.to_std(),
        };
        let response = self.endpoints.invoke(&key(workspace, name), request).await?;
        Ok(Answer {
            content_type: response.content_type,
            body: response.body,
            deployment: response.variant,
            model: response.model,
            microseconds: u64::try_from(response.latency.as_micros()).unwrap_or(u64::MAX),
        })
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
