//! `UpdateAnomalySubscription`: changes the members that are given.

use super::create_anomaly_subscription::check;
use crate::ce::anomalies::{Sort, require, update};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct UpdateAnomalySubscription;

/// The members that change.
const MEMBERS: &[&str] = &[
    "Frequency",
    "MonitorArnList",
    "Subscribers",
    "SubscriptionName",
];

impl Operation for UpdateAnomalySubscription {
    const NAME: &'static str = "UpdateAnomalySubscription";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let arn = input
            .get("SubscriptionArn")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut kept = require(call, Sort::Subscription, arn).await?;
        for member in MEMBERS {
            if let Some(value) = input.get(*member) {
                kept.body[*member] = value.clone();
            }
        }
        let thresholds = ["Threshold", "ThresholdExpression"];
        if thresholds.iter().any(|name| input.get(*name).is_some())
            && let Some(members) = kept.body.as_object_mut()
        {
            for name in thresholds {
                members.remove(name);
                if let Some(value) = input.get(name) {
                    members.insert(name.to_owned(), value.clone());
                }
            }
        }
        check(call, &kept.body).await?;
        update(call, Sort::Subscription, kept).await?;
        Ok(json!({"SubscriptionArn": arn}))
    }
}
