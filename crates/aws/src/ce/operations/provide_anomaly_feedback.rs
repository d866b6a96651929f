//! `ProvideAnomalyFeedback`: what is thought of an anomaly.

use crate::ce::anomalies::think;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ProvideAnomalyFeedback;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    anomaly_id: String,
    feedback: String,
}

impl Operation for ProvideAnomalyFeedback {
    const NAME: &'static str = "ProvideAnomalyFeedback";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let own = |c: char| c.is_ascii_hexdigit() || c == '-';
        if input.anomaly_id.len() != 36 || !input.anomaly_id.chars().all(own) {
            return Err(Fault::validation("AnomalyId is no id of an anomaly"));
        }
        call.caller().may_administer()?;
        think(call, &input.anomaly_id, &input.feedback).await?;
        Ok(json!({"AnomalyId": input.anomaly_id}))
    }
}
