//! `CancelKeyDeletion`: keeps a key that was to be deleted; it is disabled.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::{arn, find};
use crate::operation::{Call, Operation};
use objects::KeyState;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct CancelKeyDeletion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        if !matches!(key.state, KeyState::PendingDeletion { .. }) {
            let text = format!("{} is not pending deletion.", key.id);
            return Err(Fault::new("KMSInvalidStateException", text));
        }
        call.aws
            .objects
            .keys()
            .set_state(&key.id, KeyState::Disabled)
            .map_err(fault)?;
        Ok(json!({"KeyId": arn(call, &key.id)}))
    }
}
