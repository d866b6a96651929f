//! `PutGroupPolicy`: writes a policy of a group's own.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct PutGroupPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutGroupPolicy {
    const NAME: &'static str = "PutGroupPolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let (name, document) = (&input.policy_name, &input.policy_document);
        call.put_inline(Kind::Group, &input.group_name, name, document)
            .await?;
        Ok(Nothing {})
    }
}
