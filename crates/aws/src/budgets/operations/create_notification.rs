//! `CreateNotification`: one more notification of a budget.

use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, Notified, Subscriber, add};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct CreateNotification;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
    subscribers: Vec<Subscriber>,
}

impl Operation for CreateNotification {
    const NAME: &'static str = "CreateNotification";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        let Input {
            notification,
            subscribers,
            ..
        } = input;
        add(
            &mut kept.notified,
            Notified {
                notification,
                subscribers,
            },
        )?;
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
