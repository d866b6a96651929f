//! `ListRoles`: the roles of the account.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::page::Page;
use crate::iam::shown::{More, Role};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListRoles;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    roles: Vec<Role>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (roles, next) = call.entities(Kind::Role, input.page).await?;
        let account = &call.aws.account.id;
        let shown = roles.into_iter().map(|role| Role::of(role, account));
        Ok(Output {
            roles: shown.collect(),
            more: More::after(next),
        })
    }
}
