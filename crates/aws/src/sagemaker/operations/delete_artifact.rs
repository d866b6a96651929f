//! `DeleteArtifact`: deletes an artifact without associations, by its ARN or its source.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ARTIFACT};
use crate::sagemaker::lineage::associations::refuse_when_associated;
use serde_json::Value;

pub(crate) struct DeleteArtifact;

impl Operation for DeleteArtifact {
    const NAME: &'static str = "DeleteArtifact";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let arn = if let Some(arn) = input.get("ArtifactArn").and_then(Value::as_str) {
            arn.to_owned()
        } else {
            let source = &input["Source"];
            let uri = entities::member(source, "SourceUri")?;
            let all = entities::all(call, &ARTIFACT, &Which::default()).await?;
            let found = all.into_iter().find(|one| one.request["Source"] == *source);
            found.ok_or_else(|| ARTIFACT.missing(call, &uri))?.id
        };
        let found = entities::require(call, &ARTIFACT, &arn).await?;
        refuse_when_associated(call, &ARTIFACT.arn(call, &found.id)).await?;
        entities::delete(call, &ARTIFACT, &found.id).await
    }
}
