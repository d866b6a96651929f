//! `UpdateArtifact`: changes the name and the properties of an artifact.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ARTIFACT};
use serde_json::Value;

pub(crate) struct UpdateArtifact;

impl Operation for UpdateArtifact {
    const NAME: &'static str = "UpdateArtifact";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let arn = entities::member(&input, "ArtifactArn")?;
        let mut found = entities::require(call, &ARTIFACT, &arn).await?;
        entities::update(call, &ARTIFACT, &mut found, &input).await
    }
}
