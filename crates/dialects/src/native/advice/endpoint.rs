//! Endpoints: how many replicas are kept ready, and when.

use crate::native::Native;
use control::Caller;
use costs::rules::{Before, SHUTDOWN_TAG};
use domain::endpoint::{Deployment, EndpointSpec};
use domain::{EndpointName, Refusal};

async fn spec_of(
    native: &Native,
    caller: &Caller,
    endpoint: &str,
) -> Result<(EndpointName, EndpointSpec), Refusal> {
    let name = EndpointName::new(endpoint).map_err(|error| Refusal::invalid(error.to_string()))?;
    let found = native.control.endpoint(caller, &name).await?;
    Ok((name, found.spec))
}

fn deployment_of<'a>(
    spec: &'a mut EndpointSpec,
    (endpoint, deployment): (&str, &str),
) -> Result<&'a mut Deployment, Refusal> {
    let mut all = spec.deployments.iter_mut();
    all.find(|one| one.name.as_str() == deployment)
        .ok_or_else(|| Refusal::not_found("deployment", format!("{endpoint}/{deployment}")))
}

/// How many replicas are kept ready, and how many there may be.
pub(super) async fn replicas(
    native: &Native,
    caller: &Caller,
    place: (&str, &str),
) -> Result<Before, Refusal> {
    let (_, mut spec) = spec_of(native, caller, place.0).await?;
    let one = deployment_of(&mut spec, place)?;
    Ok(Before::Replicas {
        replicas: one.replicas,
        most: one.options.most_replicas,
    })
}

/// How many replicas there may be under load.
pub(super) enum Most {
    /// As many as before.
    AsBefore,
    /// What the deployment's own setting says from now on; unset is no setting.
    Set(Option<u32>),
}

/// Keeps so many replicas ready.
pub(super) async fn scale(
    native: &Native,
    caller: &Caller,
    place: (&str, &str),
    replicas: u32,
    most: Most,
) -> Result<(), Refusal> {
    let (name, mut spec) = spec_of(native, caller, place.0).await?;
    let one = deployment_of(&mut spec, place)?;
    let might = one.most_replicas();
    one.replicas = replicas;
    one.options.most_replicas = match most {
        Most::AsBefore => Some(might.max(replicas).max(1)),
        Most::Set(most) => most,
    };
    native.control.put_endpoint(caller, &name, &spec).await?;
    Ok(())
}

/// What the tag by which an endpoint sleeps says.
pub(super) async fn tag_of(
    native: &Native,
    caller: &Caller,
    endpoint: &str,
) -> Result<Before, Refusal> {
    let (_, spec) = spec_of(native, caller, endpoint).await?;
    Ok(Before::Tag {
        name: SHUTDOWN_TAG.to_owned(),
        value: spec.tags.get(SHUTDOWN_TAG).cloned(),
    })
}

/// Sets or removes that tag.
pub(super) async fn tag(
    native: &Native,
    caller: &Caller,
    endpoint: &str,
    value: Option<String>,
) -> Result<(), Refusal> {
    let (name, mut spec) = spec_of(native, caller, endpoint).await?;
    match value {
        Some(value) => spec.tags.insert(SHUTDOWN_TAG.to_owned(), value),
        None => spec.tags.remove(SHUTDOWN_TAG),
    };
    native.control.put_endpoint(caller, &name, &spec).await?;
    Ok(())
}
