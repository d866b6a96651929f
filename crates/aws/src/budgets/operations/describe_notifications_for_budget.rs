//! `DescribeNotificationsForBudget`: a budget's notifications and whether they are in alarm.

use crate::budgets::kept::require;
use crate::budgets::page::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeNotificationsForBudget;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    notifications: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeNotificationsForBudget {
    const NAME: &'static str = "DescribeNotificationsForBudget";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let all = found.kept.notified.iter();
        let all: Vec<Value> = all
            .map(|one| one.notification.shown(&found.standing))
            .collect();
        let (notifications, next_token) =
            page(all, input.next_token.as_deref(), input.max_results, 100)?;
        Ok(Output {
            notifications,
            next_token,
        })
    }
}
