//! `UpdateModelPackage`: approves or rejects a version, and changes what goes with it.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::registry::update;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct UpdateModelPackage;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_arn: String,
}

impl Operation for UpdateModelPackage {
    const NAME: &'static str = "UpdateModelPackage";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let model_package_arn = update(call, input).await?;
        Ok(Output { model_package_arn })
    }
}
