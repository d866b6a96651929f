//! `DeleteAnomalyMonitor`: forgets a monitor.

use crate::ce::anomalies::{Sort, delete};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteAnomalyMonitor;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    monitor_arn: String,
}

impl Operation for DeleteAnomalyMonitor {
    const NAME: &'static str = "DeleteAnomalyMonitor";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        delete(call, Sort::Monitor, &input.monitor_arn).await?;
        Ok(Nothing {})
    }
}
