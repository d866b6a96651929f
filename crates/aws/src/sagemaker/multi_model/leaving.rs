//! Models that leave the registry as soon as the endpoint that served them is away. Which they are
//! is written down before the endpoint is told to end, so that a server that is killed in between
//! goes on with it at its next start.

use crate::Aws;
use control::documents::{DocumentFilter, NewDocument};
use control::{Caller, Control};
use domain::endpoint::Endpoint;
use domain::{EndpointName, ModelName, Refusal};
use serde_json::Value;
use std::collections::BTreeMap;

/// The document's kind; its id is the name of the endpoint and, which is the same, of the model.
const KIND: &str = "sagemaker/leaving-model";

/// Documents that are looked at at once.
const PAGE: u32 = 200;

/// Notes that what an endpoint serves is to leave with it.
pub(super) async fn note(
    control: &Control,
    system: &Caller,
    own: &Endpoint,
) -> Result<(), Refusal> {
    let new = NewDocument {
        kind: KIND.to_owned(),
        id: own.name.to_string(),
        parent: None,
        phase: String::new(),
        labels: BTreeMap::new(),
        body: Value::Null,
    };
    control.put_document(system, &new, None).await.map(|_| ())
}

/// Takes those out of the registry whose endpoints are away.
pub(crate) async fn take_out(aws: &Aws) -> Result<(), Refusal> {
    let control = &aws.control;
    let mut after = None;
    loop {
        let filter = DocumentFilter {
            kind: KIND.to_owned(),
            after,
            limit: PAGE,
            ..DocumentFilter::default()
        };
        let (page, next) = control.documents_anywhere(&filter).await?;
        for document in page {
            let system = Caller::system(document.workspace.clone());
            let endpoint = EndpointName::new(document.id.as_str());
            let endpoint = endpoint.map_err(|error| Refusal::internal(error.to_string()))?;
            match control.look_at_endpoint(&system, &endpoint).await {
                // It is still answering what it had been asked, or serves the same model again.
                Ok(_) => continue,
                Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(refusal),
            }
            let model = ModelName::new(document.id.as_str());
            let model = model.map_err(|error| Refusal::internal(error.to_string()))?;
            present(control.delete_model(&system, &model).await)?;
            present(control.delete_document(&system, KIND, &document.id).await)?;
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// What is gone already is as good.
fn present(deleted: Result<(), Refusal>) -> Result<(), Refusal> {
    match deleted {
        Err(Refusal::NotFound { .. }) => Ok(()),
        other => other,
    }
}
