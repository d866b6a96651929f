//! `EnableKey`: lets a key be used again.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::find;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use objects::KeyState;
use serde::Deserialize;

pub(crate) struct EnableKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for EnableKey {
    const NAME: &'static str = "EnableKey";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let key = find(call, &input.key_id)?;
        if matches!(key.state, KeyState::PendingDeletion { .. }) {
            let text = format!("{} is pending deletion.", key.id);
            return Err(Fault::new("KMSInvalidStateException", text));
        }
        call.aws
            .objects
            .keys()
            .set_state(&key.id, KeyState::Enabled)
            .map_err(fault)?;
        Ok(Nothing {})
    }
}
