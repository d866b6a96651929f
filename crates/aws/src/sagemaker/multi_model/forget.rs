//! Taking down the endpoints of models, and what they served out of the registry.

use super::PARENT;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use control::{Caller, Control};
use domain::endpoint::Endpoint;
use domain::{EndpointName, Refusal};
use std::sync::Arc;
use std::time::Duration;

/// Looks for an endpoint's end before its model leaves the registry, and between them.
const LOOKS: u32 = 600;
const PAUSE: Duration = Duration::from_millis(200);
/// Endpoints that are looked through at once.
const PAGE: u32 = 500;

/// Takes down the endpoints of all models of a multi-model endpoint.
pub(crate) async fn forget_all(call: &Call<'_>, parent: &EndpointName) -> Result<(), Fault> {
    forget(call, parent, |_| true).await
}

/// Takes down those endpoints of models that are over.
pub(super) async fn forget(
    call: &Call<'_>,
    parent: &EndpointName,
    is_over: impl Fn(&Endpoint) -> bool,
) -> Result<(), Fault> {
    let control = &call.aws.control;
    let system = Caller::system(call.principal.workspace.clone());
    let mut after = None;
    loop {
        let page = control.endpoints(&system, after, PAGE).await;
        let (endpoints, next) = page.map_err(fault)?;
        let of_parent = |own: &&Endpoint| {
            own.spec.tags.get(PARENT).map(String::as_str) == Some(parent.as_str())
        };
        for own in endpoints
            .iter()
            .filter(of_parent)
            .filter(|own| is_over(own))
        {
            match control.delete_endpoint(&system, &own.name).await {
                Ok(()) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(fault(refusal)),
            }
            tokio::spawn(unregister(Arc::clone(control), system.clone(), own.clone()));
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Takes what an endpoint served out of the registry once it is away. What a server that ends
/// before that leaves there is a version that nobody serves.
async fn unregister(control: Arc<Control>, system: Caller, own: Endpoint) {
    for _ in 0..LOOKS {
        match control.look_at_endpoint(&system, &own.name).await {
            Ok(_) => tokio::time::sleep(PAUSE).await,
            Err(Refusal::NotFound { .. }) => break,
            Err(refusal) => {
                tracing::debug!(endpoint = %own.name, %refusal, "its model stays registered");
                return;
            }
        }
    }
    for deployment in &own.spec.deployments {
        let deleted = control
            .delete_version(&system, &deployment.model, deployment.version)
            .await;
        if let Err(refusal) = deleted {
            tracing::debug!(model = %deployment.model, %refusal, "it stays registered");
        }
    }
}
