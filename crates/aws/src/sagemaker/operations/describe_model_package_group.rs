//! `DescribeModelPackageGroup`: a group, whatever API its versions came from.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::{find_group, group};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct DescribeModelPackageGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_package_group_name: String,
}

impl Operation for DescribeModelPackageGroup {
    const NAME: &'static str = "DescribeModelPackageGroup";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let found = find_group(call, &input.model_package_group_name).await?;
        Ok(group(call, &found))
    }
}
