//! `GetRolePolicy`: a policy of a role's own.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::document;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetRolePolicy {
    const NAME: &'static str = "GetRolePolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let text = call
            .inline(Kind::Role, &input.role_name, &input.policy_name)
            .await?;
        Ok(Output {
            role_name: input.role_name,
            policy_name: input.policy_name,
            policy_document: document(&text),
        })
    }
}
