//! `DeleteModelPackage`: deletes a package with its version in the registry.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::registry::delete;
use serde::Deserialize;

pub(crate) struct DeleteModelPackage;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_package_name: String,
}

impl Operation for DeleteModelPackage {
    const NAME: &'static str = "DeleteModelPackage";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        delete(call, &input.model_package_name).await?;
        Ok(Nothing {})
    }
}
