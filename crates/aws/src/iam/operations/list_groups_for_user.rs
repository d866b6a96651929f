//! `ListGroupsForUser`: the groups that a user is in.

use crate::fault::Fault;
use crate::iam::shown::{Group, More};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListGroupsForUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    groups: Vec<Group>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let account = &call.aws.account.id;
        let groups = call.groups_of(&input.user_name).await?.into_iter();
        Ok(Output {
            groups: groups.map(|group| Group::of(group, account)).collect(),
            more: More::after(None),
        })
    }
}
