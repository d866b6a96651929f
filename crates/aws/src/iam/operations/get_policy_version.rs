//! `GetPolicyVersion`: the document of a managed policy, which has one version.

use crate::fault::Fault;
use crate::iam::managed;
use crate::iam::shown::document;
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
    policy_version: Version,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    document: String,
    #[serde(rename = "VersionId")]
    id: String,
    #[serde(rename = "IsDefaultVersion")]
    is_default: bool,
    create_date: String,
}

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let managed = call.policy(&input.policy_arn).await?;
        if input.version_id != "v1" {
            return Err(managed::missing(&input.policy_arn));
        }
        Ok(Output {
            policy_version: Version {
                document: document(&managed.document),
                id: input.version_id,
                is_default: true,
                create_date: crate::time::iso(managed.created),
            },
        })
    }
}
