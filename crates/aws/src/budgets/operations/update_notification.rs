//! `UpdateNotification`: changes what a notification tells of; its subscribers stay.

use crate::budgets::fault::duplicate;
use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, find};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct UpdateNotification;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    old_notification: Notification,
    new_notification: Notification,
}

impl Operation for UpdateNotification {
    const NAME: &'static str = "UpdateNotification";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        let changed = input.old_notification != input.new_notification;
        if changed && find(&mut kept.notified, &input.new_notification).is_ok() {
            return Err(duplicate("the new notification already exists"));
        }
        let one = find(&mut kept.notified, &input.old_notification)?;
        one.notification = input.new_notification;
        one.check()?;
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
