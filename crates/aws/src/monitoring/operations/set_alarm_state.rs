//! `SetAlarmState`: another state, until the next evaluation.

use crate::fault::Fault;
use crate::monitoring::alarms::{self, State};
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct SetAlarmState;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alarm_name: String,
    state_value: String,
    state_reason: String,
    #[serde(default)]
    state_reason_data: Option<String>,
}

impl Operation for SetAlarmState {
    const NAME: &'static str = "SetAlarmState";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let state = match input.state_value.as_str() {
            "OK" => State::Ok,
            "ALARM" => State::Alarm,
            "INSUFFICIENT_DATA" => State::Insufficient,
            _ => {
                return Err(Fault::validation(
                    "StateValue must be OK, ALARM or INSUFFICIENT_DATA",
                ));
            }
        };
        if let Some(data) = &input.state_reason_data
            && serde_json::from_str::<Value>(data).is_err()
        {
            let text = "StateReasonData was not valid JSON";
            return Err(Fault::new("InvalidFormatFault", text));
        }
        let mut alarm = alarms::require(call, &input.alarm_name).await?;
        let now = call.aws.control.world.now();
        alarm.turn(state, input.state_reason, input.state_reason_data, now);
        alarms::put(call, &alarm).await?;
        Ok(Nothing {})
    }
}
