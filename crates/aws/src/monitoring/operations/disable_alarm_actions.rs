//! `DisableAlarmActions`: whether alarms note the actions of their states.

use crate::fault::Fault;
use crate::monitoring::alarms;
use crate::monitoring::wire::Truth;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DisableAlarmActions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alarm_names: Vec<String>,
}

impl Operation for DisableAlarmActions {
    const NAME: &'static str = "DisableAlarmActions";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        for name in &input.alarm_names {
            if let Some(mut alarm) = alarms::find(call, name).await? {
                alarm.definition.actions_enabled = Truth(false);
                alarms::put(call, &alarm).await?;
            }
        }
        Ok(Nothing {})
    }
}
