//! Taking down the endpoints of models, and what they served out of the registry.

use super::{PARENT, leaving};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use control::Caller;
use domain::endpoint::Endpoint;
use domain::{EndpointName, Refusal};

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
            leaving::note(control, &system, own).await.map_err(fault)?;
            match control.delete_endpoint(&system, &own.name).await {
                Ok(()) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(fault(refusal)),
            }
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}
