//! SageMaker's endpoints: the neutral endpoint of the same name, and a document that says which
//! configuration it serves.

use super::data_capture;
use super::fault::{could_not_find, fault};
use super::listing::{Listed, Listing, Page};
use super::multi_model;
use super::variants::{self, ENDPOINT, Endpoint as Document};
use crate::fault::Fault;
use crate::operation::{Call, read};
use control::documents::NewDocument;
use domain::endpoint::{Endpoint, EndpointPhase};
use domain::{EndpointName, Refusal, Timestamp};
use futures::future::BoxFuture;
use serde_json::json;

/// An endpoint with its document; one of another API serves a configuration of its own name.
pub(crate) struct Found {
    pub(crate) endpoint: Endpoint,
    pub(crate) document: Document,
}

/// The endpoint of a name, if it is there.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Option<Found>, Fault> {
    let Ok(id) = EndpointName::new(name) else {
        return Ok(None);
    };
    let caller = call.caller();
    let endpoint = match call.aws.control.endpoint(&caller, &id).await {
        Ok(endpoint) => endpoint,
        Err(Refusal::NotFound { .. }) => return Ok(None),
        Err(refusal) => return Err(fault(refusal)),
    };
    let known = call
        .aws
        .control
        .find_document(&caller, ENDPOINT, name)
        .await
        .map_err(fault)?;
    let document = match known {
        Some(known) => read(known.document.body)?,
        None => Document::of(name),
    };
    Ok(Some(Found { endpoint, document }))
}

/// The endpoint of a name, or SageMaker's words for its absence.
pub(crate) async fn require(call: &Call<'_>, name: &str) -> Result<Found, Fault> {
    let arn = call.arn("sagemaker", &format!("endpoint/{name}"));
    find(call, name)
        .await?
        .ok_or_else(|| could_not_find("endpoint", &arn))
}

/// Makes an endpoint serve what its document says.
pub(crate) async fn apply(call: &Call<'_>, name: &str, document: &Document) -> Result<(), Fault> {
    let (variants, shadows) = variants::all_of_config(call, &document.config).await?;
    let mut spec = variants::spec(call, document, &variants, &shadows).await?;
    spec.capture = data_capture::of_config(call, &document.config).await?;
    let id = EndpointName::new(name).map_err(|e| Fault::validation(e.to_string()))?;
    let caller = call.caller();
    let before = call.aws.control.look_at_endpoint(&caller, &id).await;
    call.aws
        .control
        .put_endpoint(&caller, &id, &spec)
        .await
        .map_err(fault)?;
    if before.is_ok_and(|before| multi_model::is_multi_model(&before.spec)) {
        multi_model::forget_all(call, &id).await?;
    }
    let new = NewDocument {
        kind: ENDPOINT.to_owned(),
        id: name.to_owned(),
        phase: "kept".to_owned(),
        body: json!(document),
        ..NewDocument::default()
    };
    call.aws
        .control
        .put_document(&caller, &new, None)
        .await
        .map_err(fault)?;
    Ok(())
}

/// How an endpoint stands, in SageMaker's words. One that could not be changed goes on answering
/// as before and is in service there; one that never answered has failed.
pub(crate) fn status(endpoint: &Endpoint) -> &'static str {
    match endpoint.phase {
        EndpointPhase::Creating => "Creating",
        EndpointPhase::Ready => "InService",
        EndpointPhase::Updating => "Updating",
        EndpointPhase::Failed { .. } => "Failed",
        EndpointPhase::Deleting => "Deleting",
    }
}

/// An endpoint in a list.
pub(crate) struct View(Endpoint);

impl Listed for View {
    fn name(&self) -> String {
        self.0.name.to_string()
    }
    fn created(&self) -> Timestamp {
        self.0.created
    }
    fn modified(&self) -> Timestamp {
        self.0.updated
    }
    fn status(&self) -> String {
        status(&self.0).to_owned()
    }
}

/// A page of endpoints.
pub(crate) async fn list(call: &Call<'_>, listing: &Listing) -> Result<Page<View>, Fault> {
    let caller = call.caller();
    let caller = &caller;
    let page = |after, limit| -> BoxFuture<'_, Result<Page<View>, Fault>> {
        Box::pin(async move {
            let page = call.aws.control.endpoints(caller, after, limit).await;
            let (endpoints, next) = page.map_err(fault)?;
            let own = endpoints.into_iter();
            let own = own.filter(|endpoint| !multi_model::is_of_another(endpoint));
            Ok((own.map(View).collect(), next))
        })
    };
    listing.run_unordered(page).await
}
