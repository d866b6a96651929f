//! `RotateKeyOnDemand`: gives a key new material; what the old one encrypted stays readable.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::{arn, find};
use crate::operation::{Call, Operation};
use objects::KeyState;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct RotateKeyOnDemand;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        match key.state {
            KeyState::Enabled => {}
            KeyState::Disabled => {
                return Err(Fault::new(
                    "DisabledException",
                    format!("{} is disabled.", key.id),
                ));
            }
            KeyState::PendingDeletion { .. } => {
                let text = format!("{} is pending deletion.", key.id);
                return Err(Fault::new("KMSInvalidStateException", text));
            }
        }
        call.aws.objects.keys().rotate(&key.id).map_err(fault)?;
        Ok(json!({"KeyId": arn(call, &key.id)}))
    }
}
