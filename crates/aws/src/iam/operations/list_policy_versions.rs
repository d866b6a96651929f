//! `ListPolicyVersions`: the versions of a managed policy, the newest first.

use crate::fault::Fault;
use crate::iam::shown::More;
use crate::iam::versions::Shown;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListPolicyVersions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<Shown>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        Ok(Output {
            versions: call.policy(&input.policy_arn).await?.shown_versions(),
            more: More::after(None),
        })
    }
}
