//! Resolves a desired endpoint into paths and an interpreter for each deployment.

use super::preparations::{Preparations, Stage};
use crate::spec::{DeploymentSpec, EndpointKey, EndpointSpec, Handler, Limits};
use contracts::data_plane::{DesiredEndpoint, ResolvedDeployment};
use contracts::environments::Environments;
use std::path::{Component, Path};

/// Prepares the environments, telling their progress.
pub(super) async fn prepare(
    preparations: &Preparations,
    environments: &dyn Environments,
    (desired, key): (&DesiredEndpoint, &EndpointKey),
) -> Result<EndpointSpec, String> {
    let mut deployments = Vec::with_capacity(desired.deployments.len());
    for resolved in &desired.deployments {
        let progress = |line: &str| {
            let step = format!("deployment `{}`: {line}", resolved.name);
            preparations.advance(key, desired.generation, Stage::Preparing(step));
        };
        let prepared = environments.prepare(&resolved.environment, &progress).await;
        let prepared = prepared.map_err(|error| {
            format!(
                "the environment of deployment `{}` cannot be made: {error}",
                resolved.name
            )
        })?;
        let revision = format!("{} {}", prepared.hash, resolved.model);
        let deployment = deployment(resolved, prepared.python, revision)?;
        deployments.push(deployment);
    }
    Ok(EndpointSpec {
        key: key.clone(),
        deployments,
        limits: Limits::default(),
        traffic: desired.traffic.clone(),
        capture: desired.capture.clone(),
    })
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
            return Err(format!(
                "the handler `{handler}` is not a path inside the code folder"
            ));
        }
        (Some(handler), None) => {
            return Err(format!(
                "the handler `{handler}` has no code folder to be found in"
            ));
        }
    };
    let model_folder = resolved.model_folder.clone();
    Ok(DeploymentSpec {
        model: resolved.model.clone(),
        revision,
        code_folder: resolved.code_folder.clone(),
        network: resolved.network,
        memory: resolved.options.memory.map(|memory| memory.0),
        handler: Handler {
            entry,
            ..Handler::default()
        },
        environment: resolved.env.clone(),
        replicas: resolved.replicas,
        most_replicas: resolved.most_replicas,
        native: resolved.options.native,
        batch: resolved.options.batch.map_or(1, |batch| batch as usize),
        share: resolved.share,
        retry: resolved.options.retry,
        ..DeploymentSpec::new(resolved.name.clone(), model_folder, interpreter)
    })
}

fn stays_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    !path.is_empty() && components.all(|part| matches!(part, Component::Normal(_)))
}
