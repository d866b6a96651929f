//! `DescribeArtifact`: an artifact, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ARTIFACT};
use serde_json::Value;

pub(crate) struct DescribeArtifact;

impl Operation for DescribeArtifact {
    const NAME: &'static str = "DescribeArtifact";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let arn = entities::member(&input, "ArtifactArn")?;
        let found = entities::require(call, &ARTIFACT, &arn).await?;
        Ok(found.described(call, &ARTIFACT))
    }
}
