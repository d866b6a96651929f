//! `DeleteGroup`: deletes a group that nobody is in and that has no policies.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
}

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.delete_group(&input.group_name).await?;
        Ok(Nothing {})
    }
}
