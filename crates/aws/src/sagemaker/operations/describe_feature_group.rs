//! `DescribeFeatureGroup`: a feature group, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::features::group;
use serde_json::{Value, json};

pub(crate) struct DescribeFeatureGroup;

impl Operation for DescribeFeatureGroup {
    const NAME: &'static str = "DescribeFeatureGroup";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let found = group::require(call, &name).await?;
        let mut described = found.described(call);
        // All definitions are on the first page.
        described["NextToken"] = json!("");
        Ok(described)
    }
}
