//! `DeleteBudget`: a budget with its notifications.

use crate::budgets::fault::{fault, said};
use crate::budgets::kept::{KIND, require};
use crate::ce::reading::reading;
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::tags;
use domain::Refusal;
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) struct DeleteBudget;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
}

impl Operation for DeleteBudget {
    const NAME: &'static str = "DeleteBudget";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let name = input.budget_name.clone();
        let removed = reading(call, move |ledger| ledger.remove_budget(&name)).await;
        removed.map_err(said)?;
        let (control, caller) = (&call.aws.control, call.caller());
        if found.revision.is_some() {
            match control
                .delete_document(&caller, KIND, &input.budget_name)
                .await
            {
                Ok(()) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(fault(refusal)),
            }
        }
        let arn = super::arn(call, &input.budget_name);
        if !tags::of(call.aws, &caller, &arn)
            .await
            .map_err(fault)?
            .is_empty()
        {
            let none = tags::put(call.aws, &caller, &arn, &BTreeMap::new()).await;
            none.map_err(fault)?;
        }
        Ok(Nothing {})
    }
}
