//! Pipelines as documents.

use super::definition::{self, Definition};
use super::{KIND, definition::LARGEST};
use crate::Account;
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::reach::Reach;
use control::documents::{Known, NewDocument};
use domain::Location;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a pipeline's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) definition: String,
    pub(crate) role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parallelism: Option<Value>,
    /// The number of the version that this is.
    #[serde(default = "first")]
    pub(crate) version: i64,
    pub(crate) created_by: Value,
    pub(crate) modified_by: Value,
}

fn first() -> i64 {
    1
}

/// Where a definition is, when it is not in the request.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DefinitionLocation {
    bucket: String,
    object_key: String,
    #[serde(default)]
    version_id: Option<String>,
}

/// The text of a request's definition, understood.
pub(crate) async fn definition(
    call: &Call<'_>,
    text: Option<String>,
    location: Option<DefinitionLocation>,
) -> Result<Option<(String, Definition)>, Fault> {
    let text = match (text, location) {
        (Some(_), Some(_)) => {
            return Err(Fault::validation(
                "give either PipelineDefinition or PipelineDefinitionS3Location, not both",
            ));
        }
        (Some(text), None) => text,
        (None, Some(location)) => fetch(call, &location).await?,
        (None, None) => return Ok(None),
    };
    let parsed = definition::parse(&text).map_err(Fault::validation)?;
    Ok(Some((text, parsed)))
}

async fn fetch(call: &Call<'_>, location: &DefinitionLocation) -> Result<String, Fault> {
    if location.version_id.is_some() {
        return Err(Fault::unsupported(
            "a version of an object cannot be named as a pipeline definition here",
        ));
    }
    let address = Location::Object {
        bucket: location.bucket.clone(),
        key: location.object_key.clone(),
    };
    let reach = Reach::of(call, None).await?;
    reach.object(&location.bucket, &location.object_key).await?;
    let objects = &call.aws.control.objects;
    let workspace = &call.principal.workspace;
    let found = objects
        .get(workspace, &location.bucket, &location.object_key, None)
        .await;
    let (head, mut body) = found.map_err(|error| {
        Fault::validation(format!(
            "the pipeline definition at {address:?} cannot be read: {error}"
        ))
    })?;
    if head.bytes > LARGEST as u64 {
        return Err(Fault::validation("the pipeline definition is too long"));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| fault(control::error::of_objects(error)))?;
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Fault::validation("the pipeline definition is not UTF-8"))
}

/// The ARN of a pipeline.
pub(crate) fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn("sagemaker", &format!("pipeline/{name}"))
}

/// A pipeline by its name or ARN.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<(String, Pipeline, Known), Fault> {
    let name = Account::name_of(name, "pipeline").to_owned();
    let found = call
        .aws
        .control
        .find_document(&call.caller(), KIND, &name)
        .await
        .map_err(fault)?;
    let known = found.ok_or_else(|| {
        let arn = arn(call, &name.chars().take(256).collect::<String>());
        Fault::new(
            "ResourceNotFound",
            format!("Pipeline '{arn}' does not exist."),
        )
    })?;
    let pipeline = read(known.document.body.clone())?;
    Ok((name, pipeline, known))
}

/// The document of a pipeline.
pub(crate) fn document(name: &str, pipeline: &Pipeline) -> NewDocument {
    NewDocument {
        kind: KIND.to_owned(),
        id: name.to_owned(),
        phase: "active".to_owned(),
        body: json!(pipeline),
        ..NewDocument::default()
    }
}
