//! `PutRetentionPolicy`: says for how many days events of a group are kept.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::json;

pub(crate) struct PutRetentionPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
    retention_in_days: i64,
}

/// The days that the service takes.
const DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557,
    2_922, 3_288, 3_653,
];

impl Operation for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        if !DAYS.contains(&input.retention_in_days) {
            return Err(Fault::new(
                "InvalidParameterException",
                "1 validation error detected: retentionInDays is not one of the days that can be set",
            ));
        }
        let days = input.retention_in_days;
        own::change_group(call, &input.log_group_name, move |body| {
            body["retentionInDays"] = json!(days);
        })
        .await?;
        Ok(Nothing {})
    }
}
