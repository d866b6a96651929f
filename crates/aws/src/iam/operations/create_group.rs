//! `CreateGroup`: makes a group of users.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::entity::Wanted;
use crate::iam::shown::Group;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) struct CreateGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
    path: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    group: Group,
}

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let wanted = Wanted {
            name: input.group_name,
            path: input.path,
            description: None,
            trust: None,
            longest_session: 0,
            tags: BTreeMap::new(),
            boundary: None,
        };
        let made = call.make_entity(Kind::Group, wanted).await?;
        Ok(Output {
            group: Group::of(made, &call.aws.account.id),
        })
    }
}
