//! `ListGroups`: the groups of the account.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::page::Page;
use crate::iam::shown::{Group, More};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListGroups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    groups: Vec<Group>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListGroups {
    const NAME: &'static str = "ListGroups";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (groups, next) = call.entities(Kind::Group, input.page).await?;
        let account = &call.aws.account.id;
        let shown = groups.into_iter().map(|group| Group::of(group, account));
        Ok(Output {
            groups: shown.collect(),
            more: More::after(next),
        })
    }
}
