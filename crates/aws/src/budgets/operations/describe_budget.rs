//! `DescribeBudget`: a budget and how it stands.

use crate::budgets::kept::require;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeBudget;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    #[serde(default)]
    show_filter_expression: bool,
}

impl Operation for DescribeBudget {
    const NAME: &'static str = "DescribeBudget";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        Ok(json!({"Budget": found.shown(call, input.show_filter_expression)}))
    }
}
