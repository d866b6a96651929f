//! `DeleteModelPackageGroup`: deletes a group that has no packages any more.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::registry::delete_group;
use serde::Deserialize;

pub(crate) struct DeleteModelPackageGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    model_package_group_name: String,
}

impl Operation for DeleteModelPackageGroup {
    const NAME: &'static str = "DeleteModelPackageGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        delete_group(call, &input.model_package_group_name).await?;
        Ok(Nothing {})
    }
}
