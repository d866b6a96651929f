//! `DeleteAnomalySubscription`: forgets a subscription.

use crate::ce::anomalies::{Sort, delete};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteAnomalySubscription;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    subscription_arn: String,
}

impl Operation for DeleteAnomalySubscription {
    const NAME: &'static str = "DeleteAnomalySubscription";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        delete(call, Sort::Subscription, &input.subscription_arn).await?;
        Ok(Nothing {})
    }
}
