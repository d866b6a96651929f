//! `GetGroupPolicy`: a policy of a group's own.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::document;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetGroupPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    policy_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    group_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetGroupPolicy {
    const NAME: &'static str = "GetGroupPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let text = call
            .inline(Kind::Group, &input.group_name, &input.policy_name)
            .await?;
        Ok(Output {
            group_name: input.group_name,
            policy_name: input.policy_name,
            policy_document: document(&text),
        })
    }
}
