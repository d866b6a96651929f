//! `DescribeBudgetNotificationsForAccount`: the notifications of all budgets that have some.

use crate::budgets::kept::all;
use crate::budgets::page::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct DescribeBudgetNotificationsForAccount;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    budget_notifications_for_account: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeBudgetNotificationsForAccount {
    const NAME: &'static str = "DescribeBudgetNotificationsForAccount";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut shown = Vec::new();
        for found in all(call, &input.account_id).await? {
            let own = found.kept.notified.iter();
            let own: Vec<Value> = own
                .map(|one| one.notification.shown(&found.standing))
                .collect();
            if !own.is_empty() {
                let name = &found.standing.budget.name;
                shown.push(json!({"BudgetName": name, "Notifications": own}));
            }
        }
        let (part, next_token) =
            page(shown, input.next_token.as_deref(), input.max_results, 1_000)?;
        Ok(Output {
            budget_notifications_for_account: part,
            next_token,
        })
    }
}
