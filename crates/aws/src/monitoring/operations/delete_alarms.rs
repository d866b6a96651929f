//! `DeleteAlarms`: all of those that are named, or none.

use crate::fault::Fault;
use crate::monitoring::alarms;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

/// Most names of one request.
const MOST: usize = 100;

pub(crate) struct DeleteAlarms;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alarm_names: Vec<String>,
}

impl Operation for DeleteAlarms {
    const NAME: &'static str = "DeleteAlarms";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        if input.alarm_names.len() > MOST {
            return Err(Fault::validation(format!(
                "AlarmNames has more than {MOST} members."
            )));
        }
        for name in &input.alarm_names {
            alarms::require(call, name).await?;
        }
        for name in &input.alarm_names {
            alarms::delete(call, name).await?;
        }
        Ok(Nothing {})
    }
}
