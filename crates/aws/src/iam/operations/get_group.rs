//! `GetGroup`: a group and who is in it.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::{Group, More, User};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    group_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    group: Group,
    users: Vec<User>,
    #[serde(flatten)]
    more: More,
}

impl Operation for GetGroup {
    const NAME: &'static str = "GetGroup";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let group = call.entity(Kind::Group, &input.group_name).await?;
        let account = &call.aws.account.id;
        let members = call.members(&input.group_name).await?.into_iter();
        Ok(Output {
            group: Group::of(group, account),
            users: members.map(|user| User::of(user, account)).collect(),
            more: More::after(None),
        })
    }
}
