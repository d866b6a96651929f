//! `CreateModelPackageGroup`: makes a name under which versions are counted.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::create_group;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct CreateModelPackageGroup;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_group_arn: String,
}

impl Operation for CreateModelPackageGroup {
    const NAME: &'static str = "CreateModelPackageGroup";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let model_package_group_arn = create_group(call, input).await?;
        Ok(Output {
            model_package_group_arn,
        })
    }
}
