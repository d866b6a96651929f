//! `CreateModelPackage`: registers a version of a group, or a package on its own.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::create;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct CreateModelPackage;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_arn: String,
}

impl Operation for CreateModelPackage {
    const NAME: &'static str = "CreateModelPackage";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let model_package_arn = create(call, input).await?;
        Ok(Output { model_package_arn })
    }
}
