//! `DeleteRetentionPolicy`: keeps events of a group for ever.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct DeleteRetentionPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        own::change_group(call, &input.log_group_name, |body| {
            if let Value::Object(members) = body {
                members.remove("retentionInDays");
            }
        })
        .await?;
        Ok(Nothing {})
    }
}
