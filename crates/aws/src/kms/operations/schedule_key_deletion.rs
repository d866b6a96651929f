//! `ScheduleKeyDeletion`: lets a key be used no more, and says until when that can be taken back.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::{arn, find};
use crate::operation::{Call, Operation};
use crate::time::Epoch;
use domain::Span;
use objects::KeyState;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ScheduleKeyDeletion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
    #[serde(default)]
    pending_window_in_days: Option<i64>,
}

impl Operation for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        if matches!(key.state, KeyState::PendingDeletion { .. }) {
            let text = format!("{} is pending deletion.", key.id);
            return Err(Fault::new("KMSInvalidStateException", text));
        }
        let days = input.pending_window_in_days.unwrap_or(30);
        if !(7..=30).contains(&days) {
            return Err(Fault::validation(
                "PendingWindowInDays must be between 7 and 30",
            ));
        }
        let at = call.aws.control.world.now() + Span::hours(24 * days);
        let state = KeyState::PendingDeletion { at };
        call.aws
            .objects
            .keys()
            .set_state(&key.id, state)
            .map_err(fault)?;
        Ok(json!({
            "KeyId": arn(call, &key.id),
            "DeletionDate": Epoch(at),
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
        }))
    }
}
