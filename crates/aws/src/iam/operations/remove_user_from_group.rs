//! `RemoveUserFromGroup`: takes a user out of a group.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct RemoveUserFromGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    user_name: String,
}

impl Operation for RemoveUserFromGroup {
    const NAME: &'static str = "RemoveUserFromGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.leave_group(&input.group_name, &input.user_name)
            .await?;
        Ok(Nothing {})
    }
}
