//! `CreatePolicy`: makes a managed policy of the account.

use crate::fault::Fault;
use crate::iam::shown::Policy;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct CreatePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: Policy,
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let made = call
            .make_policy(
                &input.policy_name,
                input.path,
                input.description,
                input.policy_document,
            )
            .await?;
        Ok(Output {
            policy: Policy::of(made),
        })
    }
}
