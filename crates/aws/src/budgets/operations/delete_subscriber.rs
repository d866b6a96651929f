//! `DeleteSubscriber`: with its last subscriber a notification goes, as AWS lets it go.

use crate::budgets::fault::not_found;
use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, Subscriber, find};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteSubscriber;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
    subscriber: Subscriber,
}

impl Operation for DeleteSubscriber {
    const NAME: &'static str = "DeleteSubscriber";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        let one = find(&mut kept.notified, &input.notification)?;
        let before = one.subscribers.len();
        one.subscribers.retain(|own| *own != input.subscriber);
        if one.subscribers.len() == before {
            return Err(not_found("Unable to find the subscriber"));
        }
        kept.notified.retain(|one| !one.subscribers.is_empty());
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
