//! `ListPolicies`: the managed policies.

use crate::fault::Fault;
use crate::iam::names::invalid;
use crate::iam::page::Page;
use crate::iam::shown::{More, Policy};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    scope: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policies: Vec<Policy>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (with_aws, with_own) = match input.scope.as_deref() {
            None | Some("All") => (true, true),
            Some("AWS") => (true, false),
            Some("Local") => (false, true),
            Some(_) => return Err(invalid("Scope must be All, AWS or Local")),
        };
        let (policies, next) = call.policies(&input.page, with_aws, with_own).await?;
        Ok(Output {
            policies: policies.into_iter().map(Policy::of).collect(),
            more: More::after(next),
        })
    }
}
