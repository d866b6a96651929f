//! `UpdateSubscriber`: another address for a subscriber.

use crate::budgets::fault::not_found;
use crate::budgets::kept::{put, require};
use crate::budgets::notifications::{Notification, Subscriber, find};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct UpdateSubscriber;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
    old_subscriber: Subscriber,
    new_subscriber: Subscriber,
}

impl Operation for UpdateSubscriber {
    const NAME: &'static str = "UpdateSubscriber";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let mut kept = found.kept;
        let one = find(&mut kept.notified, &input.notification)?;
        let old = one
            .subscribers
            .iter_mut()
            .find(|own| **own == input.old_subscriber);
        *old.ok_or_else(|| not_found("Unable to find the subscriber"))? = input.new_subscriber;
        one.check()?;
        put(call, found.standing.budget, kept, found.revision).await?;
        Ok(Nothing {})
    }
}
