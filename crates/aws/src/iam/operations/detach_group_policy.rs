//! `DetachGroupPolicy`: detaches a managed policy from a group.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DetachGroupPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    policy_arn: String,
}

impl Operation for DetachGroupPolicy {
    const NAME: &'static str = "DetachGroupPolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.detach(Kind::Group, &input.group_name, &input.policy_arn)
            .await?;
        Ok(Nothing {})
    }
}
