//! `GetPolicyVersion`: the document of a version of a managed policy.

use crate::fault::Fault;
use crate::iam::versions::Shown;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetPolicyVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    version_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_version: Shown,
}

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let managed = call.policy(&input.policy_arn).await?;
        Ok(Output {
            policy_version: managed.shown_version(&input.version_id)?,
        })
    }
}
