//! `ListUserPolicies`: the names of a user's own policies.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListUserPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_names: Vec<String>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListUserPolicies {
    const NAME: &'static str = "ListUserPolicies";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::User, &input.user_name).await?;
        Ok(Output {
            policy_names: entity.inline.into_keys().collect(),
            more: More::after(None),
        })
    }
}
