//! `ListAccountAliases`: none, as nobody signs in by one.

use crate::fault::Fault;
use crate::iam::page::Page;
use crate::iam::shown::More;
use crate::operation::{Call, Operation};
use serde::Serialize;

pub(crate) struct ListAccountAliases;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account_aliases: [(); 0],
    #[serde(flatten)]
    more: More,
}

impl Operation for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";
    type Input = Page;
    type Output = Output;

    async fn run(_: &Call<'_>, input: Page) -> Result<Output, Fault> {
        input.limit()?;
        Ok(Output {
            account_aliases: [],
            more: More::after(None),
        })
    }
}
