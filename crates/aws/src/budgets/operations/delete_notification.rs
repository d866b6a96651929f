//! `DeleteNotification`: a notification with its subscribers.

use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, find};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteNotification;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
}

impl Operation for DeleteNotification {
    const NAME: &'static str = "DeleteNotification";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        find(&mut kept.notified, &input.notification)?;
        kept.notified
            .retain(|one| one.notification != input.notification);
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
