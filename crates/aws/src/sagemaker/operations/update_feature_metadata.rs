//! `UpdateFeatureMetadata`: says something of a feature: a description, parameters.

use crate::fault::Fault;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::features::{group, metadata};
use serde_json::Value;

pub(crate) struct UpdateFeatureMetadata;

impl Operation for UpdateFeatureMetadata {
    const NAME: &'static str = "UpdateFeatureMetadata";
    type Input = Value;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Value) -> Result<Nothing, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let feature = entities::member(&input, "FeatureName")?;
        let found = group::require(call, &name).await?;
        metadata::update(call, &found, &feature, &input).await?;
        Ok(Nothing {})
    }
}
