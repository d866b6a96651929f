//! `GetAnomalySubscriptions`: who wants to hear of anomalies.

use crate::ce::anomalies::{Kept, Sort, all, require};
use crate::ce::reading::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GetAnomalySubscriptions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    subscription_arn_list: Vec<String>,
    #[serde(default)]
    monitor_arn: Option<String>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
}

impl Operation for GetAnomalySubscriptions {
    const NAME: &'static str = "GetAnomalySubscriptions";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let mut found = Vec::new();
        for arn in &input.subscription_arn_list {
            found.push(require(call, Sort::Subscription, arn).await?);
        }
        if input.subscription_arn_list.is_empty() {
            found = all(call, Sort::Subscription).await?;
        }
        if let Some(monitor) = &input.monitor_arn {
            found.retain(|kept| watches(kept, monitor));
        }
        let size = input.max_results.unwrap_or(100).max(1);
        let (part, next) = page(found, input.next_page_token.as_deref(), size)?;
        let shown: Vec<Value> = part
            .into_iter()
            .map(|kept| {
                let mut shown = kept.body;
                shown["SubscriptionArn"] = json!(Sort::Subscription.arn(call, &kept.id));
                shown["AccountId"] = json!(call.aws.account.id);
                shown
            })
            .collect();
        let mut answer = json!({"AnomalySubscriptions": shown});
        if let Some(next) = next {
            answer["NextPageToken"] = json!(next);
        }
        Ok(answer)
    }
}

fn watches(kept: &Kept, monitor: &str) -> bool {
    let all = kept.body.get("MonitorArnList").and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .any(|arn| arn.as_str() == Some(monitor))
}
