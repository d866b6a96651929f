//! Readiness and metadata of models.

use super::route::Target;
use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::replica::Facts;
use crate::spec::EndpointKey;
use crate::status::{DeploymentStatus, EndpointStatus, Phase, Role};
use domain::{EndpointName, Name, Workspace};
use serde_json::{Value, json};

/// The name of the answer's tensor.
pub(super) const OUTPUT: &str = "predict";
/// The name of the input's tensor in the metadata; requests may use any.
const INPUT: &str = "input";

/// An endpoint and, when a version was named, its deployment.
pub(super) struct Found {
    pub(super) status: EndpointStatus,
    pub(super) variant: Option<Name>,
}

/// The endpoint that a target means. A version is a deployment's name, or the version of its model
/// as in `iris:3`.
pub(super) fn find(
    endpoints: &Endpoints,
    workspace: &Workspace,
    target: &Target,
) -> Result<Found, Error> {
    let name = EndpointName::new(target.model.clone())
        .map_err(|error| Error::Invalid(error.to_string()))?;
    let key = EndpointKey {
        workspace: workspace.clone(),
        name,
    };
    let status = endpoints
        .status(&key)
        .ok_or_else(|| Error::NoEndpoint(key.clone()))?;
    let Some(version) = &target.version else {
        return Ok(Found {
            status,
            variant: None,
        });
    };
    let variant = serving(&status)
        .find(|deployment| {
            deployment.name.as_str() == version || model_version(deployment) == version
        })
        .map(|deployment| deployment.name.clone());
    if variant.is_none() {
        let variant = Name::new(version.clone()).map_err(|e| Error::Invalid(e.to_string()))?;
        return Err(Error::NoVariant {
            endpoint: key,
            variant,
        });
    }
    Ok(Found { status, variant })
}

fn serving(status: &EndpointStatus) -> impl Iterator<Item = &DeploymentStatus> {
    status
        .deployments
        .iter()
        .filter(|deployment| deployment.role == Role::Serving)
}

fn model_version(deployment: &DeploymentStatus) -> &str {
    deployment
        .model
        .rsplit_once(':')
        .map(|(_, version)| version)
        .unwrap_or_default()
}

fn chosen(found: &Found) -> impl Iterator<Item = &DeploymentStatus> {
    let wanted = found.variant.as_ref();
    serving(&found.status).filter(move |one| wanted.is_none_or(|wanted| one.name == *wanted))
}

/// Whether a model, or the version that was named, can answer.
pub(super) fn ready(
    endpoints: &Endpoints,
    workspace: &Workspace,
    target: &Target,
) -> Result<bool, Error> {
    let found = find(endpoints, workspace, target)?;
    Ok(chosen(&found).all(DeploymentStatus::answers))
}

/// Whether every model of the workspace can answer.
pub(super) fn all_ready(endpoints: &Endpoints, workspace: &Workspace) -> bool {
    let keys = endpoints.list();
    let mut ours = keys.iter().filter(|key| key.workspace == *workspace);
    ours.all(|key| {
        let status = endpoints.status(key);
        status.is_none_or(|status| {
            !matches!(status.phase, Phase::Creating)
                && serving(&status).all(DeploymentStatus::answers)
        })
    })
}

/// The metadata of a model.
pub(super) fn model(
    endpoints: &Endpoints,
    workspace: &Workspace,
    target: &Target,
) -> Result<Value, Error> {
    let found = find(endpoints, workspace, target)?;
    let versions: Vec<&str> = serving(&found.status)
        .map(|one| one.name.as_str())
        .collect();
    let facts = chosen(&found).find_map(|deployment| deployment.replicas.first());
    let (inputs, outputs) = tensors(facts);
    Ok(json!({
        "name": target.model,
        "versions": versions,
        "platform": facts.map_or("python", platform),
        "inputs": inputs,
        "outputs": outputs,
    }))
}

fn platform(facts: &Facts) -> &str {
    match facts.form.as_str() {
        "saved" => "python_pickle",
        _ => "python",
    }
}

/// Input and output tensors; what a model does not tell of itself is left open (-1).
fn tensors(facts: Option<&Facts>) -> (Value, Value) {
    let Some(signature) = facts.and_then(|facts| facts.signature.as_ref()) else {
        return (json!([]), json!([]));
    };
    let shape = json!([-1, signature.features]);
    let inputs = json!([{ "name": INPUT, "datatype": "FP64", "shape": shape }]);
    let outputs = json!([{ "name": OUTPUT, "datatype": signature.output, "shape": [-1] }]);
    (inputs, outputs)
}
