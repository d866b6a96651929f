//! `GetUserPolicy`: a policy of a user's own.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::document;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetUserPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
    policy_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetUserPolicy {
    const NAME: &'static str = "GetUserPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let text = call
            .inline(Kind::User, &input.user_name, &input.policy_name)
            .await?;
        Ok(Output {
            user_name: input.user_name,
            policy_name: input.policy_name,
            policy_document: document(&text),
        })
    }
}
