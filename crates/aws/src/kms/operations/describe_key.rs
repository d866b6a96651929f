//! `DescribeKey`: a key by its id, an alias or an ARN.

use crate::fault::Fault;
use crate::kms::keys::{find, metadata};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        Ok(json!({"KeyMetadata": metadata(call, &key)}))
    }
}
