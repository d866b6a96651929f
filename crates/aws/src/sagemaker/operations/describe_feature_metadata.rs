//! `DescribeFeatureMetadata`: one feature of a group, with what was said of it.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::features::{group, metadata};
use serde_json::Value;

pub(crate) struct DescribeFeatureMetadata;

impl Operation for DescribeFeatureMetadata {
    const NAME: &'static str = "DescribeFeatureMetadata";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let feature = entities::member(&input, "FeatureName")?;
        let found = group::require(call, &name).await?;
        metadata::described(call, &found, &feature).await
    }
}
