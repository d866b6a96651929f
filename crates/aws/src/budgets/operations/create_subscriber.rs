//! `CreateSubscriber`: one more subscriber of a notification.

use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, Subscriber, find};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct CreateSubscriber;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
    subscriber: Subscriber,
}

impl Operation for CreateSubscriber {
    const NAME: &'static str = "CreateSubscriber";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        let one = find(&mut kept.notified, &input.notification)?;
        one.subscribers.push(input.subscriber);
        one.check()?;
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
