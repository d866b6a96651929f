//! `AddUserToGroup`: puts a user into a group.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct AddUserToGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    user_name: String,
}

impl Operation for AddUserToGroup {
    const NAME: &'static str = "AddUserToGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.enter_group(&input.group_name, &input.user_name)
            .await?;
        Ok(Nothing {})
    }
}
