//! `CreateLogGroup`: makes a group of streams.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) struct CreateLogGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
}

impl Operation for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let mut body = json!({"tags": input.tags});
        if let Some(key) = &input.kms_key_id {
            body["kmsKeyId"] = json!(key);
        }
        own::create_group(call, &input.log_group_name, body).await?;
        Ok(Nothing {})
    }
}
