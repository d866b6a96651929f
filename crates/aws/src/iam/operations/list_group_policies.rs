//! `ListGroupPolicies`: the names of a group's own policies.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListGroupPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_names: Vec<String>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListGroupPolicies {
    const NAME: &'static str = "ListGroupPolicies";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::Group, &input.group_name).await?;
        Ok(Output {
            policy_names: entity.inline.into_keys().collect(),
            more: More::after(None),
        })
    }
}
