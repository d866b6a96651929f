//! `CreatePolicyVersion`: adds a version to a managed policy of the account.

use crate::fault::Fault;
use crate::iam::versions::Shown;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct CreatePolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: Shown,
}

impl Operation for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let is_default = input.set_as_default.as_deref() == Some("true");
        let added = call.add_version(&input.policy_arn, &input.policy_document, is_default);
        Ok(Output {
            policy_version: added.await?,
        })
    }
}
