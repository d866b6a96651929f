//! `CreateAnomalyMonitor`: one more way in which the ledger is watched.

use crate::ce::anomalies::{Monitor, Sort, create};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct CreateAnomalyMonitor;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    anomaly_monitor: Monitor,
}

impl Operation for CreateAnomalyMonitor {
    const NAME: &'static str = "CreateAnomalyMonitor";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        input.anomaly_monitor.watch()?;
        let arn = create(call, Sort::Monitor, json!(input.anomaly_monitor)).await?;
        Ok(json!({"MonitorArn": arn}))
    }
}
