//! `DescribeBudgets`: a page of the budgets, whoever made them.

use crate::budgets::kept::all;
use crate::budgets::page::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeBudgets;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    show_filter_expression: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    budgets: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeBudgets {
    const NAME: &'static str = "DescribeBudgets";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let all = all(call, &input.account_id).await?;
        let (part, next_token) = page(all, input.next_token.as_deref(), input.max_results, 1_000)?;
        let shown = part
            .iter()
            .map(|one| one.shown(call, input.show_filter_expression));
        Ok(Output {
            budgets: shown.collect(),
            next_token,
        })
    }
}
