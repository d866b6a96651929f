//! `DescribeSubscribersForNotification`: who subscribed to a notification.

use crate::budgets::kept::require;
use crate::budgets::notifications::{Notification, Subscriber, find};
use crate::budgets::page::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct DescribeSubscribersForNotification;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    notification: Notification,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    subscribers: Vec<Subscriber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeSubscribersForNotification {
    const NAME: &'static str = "DescribeSubscribersForNotification";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = require(call, &input.account_id, &input.budget_name).await?;
        let one = find(&mut found.kept.notified, &input.notification)?;
        let all = one.subscribers.clone();
        let (subscribers, next_token) =
            page(all, input.next_token.as_deref(), input.max_results, 100)?;
        Ok(Output {
            subscribers,
            next_token,
        })
    }
}
