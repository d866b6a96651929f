//! `GetPolicy`: a managed policy by its ARN.

use crate::fault::Fault;
use crate::iam::shown::Policy;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: Policy,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        Ok(Output {
            policy: Policy::of(call.policy(&input.policy_arn).await?),
        })
    }
}
