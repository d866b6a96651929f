//! `PutMetricAlarm`: makes an alarm or changes it, and evaluates it at once.

use crate::fault::Fault;
use crate::monitoring::alarms::{self, Alarm, Definition, Kind, State};
use crate::monitoring::fault::undeclared;
use crate::operation::{Call, Nothing, Operation};

pub(crate) struct PutMetricAlarm;

/// Most alarms of a workspace.
const MOST: usize = 5_000;

impl Operation for PutMetricAlarm {
    const NAME: &'static str = "PutMetricAlarm";
    type Input = Definition;
    type Output = Nothing;

    async fn run(call: &Call<'_>, definition: Definition) -> Result<Nothing, Fault> {
        definition.check(call).map_err(undeclared)?;
        let now = call.aws.control.world.now();
        let name = definition.alarm_name.clone();
        let alarm = if let Some(mut alarm) = alarms::find(call, &name).await? {
            alarm.definition = definition;
            alarm.configured = now;
            let summary = format!("Alarm \"{name}\" updated");
            alarm.note(Kind::ConfigurationUpdate, summary, now);
            alarm
        } else {
            made(call, definition).await?
        };
        alarms::put(call, &alarm).await?;
        alarms::evaluate_now(call, &name).await?;
        Ok(Nothing {})
    }
}

/// A new alarm, which has seen nothing yet.
async fn made(call: &Call<'_>, definition: Definition) -> Result<Alarm, Fault> {
    if alarms::all(call, None).await?.len() >= MOST {
        let text = format!("there are {MOST} alarms already");
        return Err(Fault::new("LimitExceededFault", text));
    }
    let now = call.aws.control.world.now();
    let summary = format!("Alarm \"{}\" created", definition.alarm_name);
    let mut alarm = Alarm {
        definition,
        region: call.region.to_owned(),
        configured: now,
        state: State::Insufficient,
        reason: "Unchecked: Initial alarm creation".to_owned(),
        data: None,
        updated: now,
        history: Vec::new(),
        revision: None,
    };
    alarm.note(Kind::ConfigurationUpdate, summary, now);
    Ok(alarm)
}
