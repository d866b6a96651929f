//! `GetKeyRotationStatus`: keys are rotated on demand only.

use crate::fault::Fault;
use crate::kms::keys::{arn, find};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GetKeyRotationStatus;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        Ok(json!({"KeyRotationEnabled": false, "KeyId": arn(call, &key.id)}))
    }
}
