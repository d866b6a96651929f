//! `UpdateBudget`: replaces what a budget limits; its notifications stay.

use crate::budgets::kept::{put, require};
use crate::budgets::wire::Sent;
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation, read};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct UpdateBudget;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    new_budget: Value,
}

impl Operation for UpdateBudget {
    const NAME: &'static str = "UpdateBudget";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let sent: Sent = read(input.new_budget.clone())?;
        let found = require(call, &input.account_id, &sent.budget_name).await?;
        let advisory = super::tag_resource::advisory(call, &sent.budget_name).await?;
        let budget = sent.budget(advisory, call.aws.control.world.now())?;
        let mut kept = found.kept;
        kept.ends = sent.end().map(|end| end.0);
        kept.sent = Some(input.new_budget);
        put(call, budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
