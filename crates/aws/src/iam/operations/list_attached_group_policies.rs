//! `ListAttachedGroupPolicies`: the managed policies of a group.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::{Attached, More};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListAttachedGroupPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    attached_policies: Vec<Attached>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListAttachedGroupPolicies {
    const NAME: &'static str = "ListAttachedGroupPolicies";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::Group, &input.group_name).await?;
        Ok(Output {
            attached_policies: entity.attached.into_iter().map(Attached::of).collect(),
            more: More::after(None),
        })
    }
}
