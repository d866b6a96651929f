//! `DescribeModelPackage`: what was sent to the letter, with the approval that the registry has.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::{described, find};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct DescribeModelPackage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_package_name: String,
}

impl Operation for DescribeModelPackage {
    const NAME: &'static str = "DescribeModelPackage";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let package = find(call, &input.model_package_name).await?;
        Ok(described(call, &package))
    }
}
