//! `ListUsers`: the users of the account.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::page::Page;
use crate::iam::shown::{More, User};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListUsers;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    users: Vec<User>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (users, next) = call.entities(Kind::User, input.page).await?;
        let account = &call.aws.account.id;
        let shown = users.into_iter().map(|user| User::of(user, account));
        Ok(Output {
            users: shown.collect(),
            more: More::after(next),
        })
    }
}
