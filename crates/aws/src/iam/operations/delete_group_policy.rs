//! `DeleteGroupPolicy`: deletes a policy of a group's own.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteGroupPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    policy_name: String,
}

impl Operation for DeleteGroupPolicy {
    const NAME: &'static str = "DeleteGroupPolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.delete_inline(Kind::Group, &input.group_name, &input.policy_name)
            .await?;
        Ok(Nothing {})
    }
}
