//! `UpdateAssumeRolePolicy`: changes who may assume a role.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::policy;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct UpdateAssumeRolePolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        policy::check_trust(&input.policy_document)?;
        call.change_entity(Kind::Role, &input.role_name, |role| {
            role.trust = Some(input.policy_document.clone());
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }
}
