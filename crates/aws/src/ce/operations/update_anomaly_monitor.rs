//! `UpdateAnomalyMonitor`: another name for a monitor.

use crate::ce::anomalies::{Sort, require, update};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct UpdateAnomalyMonitor;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    monitor_arn: String,
    #[serde(default)]
    monitor_name: Option<String>,
}

impl Operation for UpdateAnomalyMonitor {
    const NAME: &'static str = "UpdateAnomalyMonitor";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let mut kept = require(call, Sort::Monitor, &input.monitor_arn).await?;
        if let Some(name) = input.monitor_name {
            kept.body["MonitorName"] = json!(name);
        }
        update(call, Sort::Monitor, kept).await?;
        Ok(json!({"MonitorArn": input.monitor_arn}))
    }
}
