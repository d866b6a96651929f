//! `ListAttachedRolePolicies`: the managed policies of a role.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::{Attached, More};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListAttachedRolePolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    attached_policies: Vec<Attached>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListAttachedRolePolicies {
    const NAME: &'static str = "ListAttachedRolePolicies";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::Role, &input.role_name).await?;
        Ok(Output {
            attached_policies: entity.attached.into_iter().map(Attached::of).collect(),
            more: More::after(None),
        })
    }
}
