//! `GetAnomalyMonitors`: the monitors, the one by service that is always there first.

use crate::ce::anomalies::{Kept, Sort, all, require};
use crate::ce::reading::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::time::iso;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GetAnomalyMonitors;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    monitor_arn_list: Vec<String>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
}

impl Operation for GetAnomalyMonitors {
    const NAME: &'static str = "GetAnomalyMonitors";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let mut found = Vec::new();
        for arn in &input.monitor_arn_list {
            found.push(require(call, Sort::Monitor, arn).await?);
        }
        if input.monitor_arn_list.is_empty() {
            found = all(call, Sort::Monitor).await?;
        }
        let size = input.max_results.unwrap_or(100).max(1);
        let (part, next) = page(found, input.next_page_token.as_deref(), size)?;
        let shown: Vec<Value> = part.into_iter().map(|kept| shown(call, kept)).collect();
        let mut answer = json!({"AnomalyMonitors": shown});
        if let Some(next) = next {
            answer["NextPageToken"] = json!(next);
        }
        Ok(answer)
    }
}

fn shown(call: &Call<'_>, kept: Kept) -> Value {
    let mut shown = kept.body;
    shown["MonitorArn"] = json!(Sort::Monitor.arn(call, &kept.id));
    if let (Some(created), Some(updated)) = (kept.created, kept.updated) {
        shown["CreationDate"] = json!(iso(created));
        shown["LastUpdatedDate"] = json!(iso(updated));
    }
    shown
}
