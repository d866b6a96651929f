//! `CreateAnomalySubscription`: who wants to hear of a monitor's anomalies. It is kept and shown;
//! nothing here sends mail or messages.

use crate::ce::anomalies::{Sort, create, require};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct CreateAnomalySubscription;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    anomaly_subscription: Value,
}

impl Operation for CreateAnomalySubscription {
    const NAME: &'static str = "CreateAnomalySubscription";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let mut body = input.anomaly_subscription;
        check(call, &body).await?;
        if let Some(members) = body.as_object_mut() {
            members.remove("SubscriptionArn");
            members.remove("AccountId");
        }
        let arn = create(call, Sort::Subscription, body).await?;
        Ok(json!({"SubscriptionArn": arn}))
    }
}

/// Refuses a subscription to a monitor that is not there, and one without a threshold.
pub(super) async fn check(call: &Call<'_>, body: &Value) -> Result<(), Fault> {
    let monitors = body.get("MonitorArnList").and_then(Value::as_array);
    for monitor in monitors.into_iter().flatten() {
        require(call, Sort::Monitor, monitor.as_str().unwrap_or_default()).await?;
    }
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if has("Threshold") == has("ThresholdExpression") {
        let message = "either Threshold or ThresholdExpression is needed";
        return Err(Fault::validation(message));
    }
    let frequency = body.get("Frequency").and_then(Value::as_str);
    let subscribers = body.get("Subscribers").and_then(Value::as_array);
    let mut subscribers = subscribers.into_iter().flatten();
    let wanted = if frequency == Some("IMMEDIATE") {
        "SNS"
    } else {
        "EMAIL"
    };
    let other = |one: &Value| one.get("Type").and_then(Value::as_str) != Some(wanted);
    if subscribers.any(other) {
        let message = format!("subscribers of this Frequency have the Type {wanted}");
        return Err(Fault::validation(message));
    }
    Ok(())
}
