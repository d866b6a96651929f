//! `DescribeAlarms`: a page of the alarms, by names, state or action.

use crate::fault::Fault;
use crate::monitoring::alarms::{self, Alarm};
use crate::monitoring::fault::token;
use crate::monitoring::wire::Whole;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most alarms of a page.
const MOST: i64 = 100;

pub(crate) struct DescribeAlarms;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    alarm_names: Vec<String>,
    #[serde(default)]
    alarm_name_prefix: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    #[serde(default)]
    children_of_alarm_name: Option<String>,
    #[serde(default)]
    parents_of_alarm_name: Option<String>,
    #[serde(default)]
    state_value: Option<String>,
    #[serde(default)]
    action_prefix: Option<String>,
    #[serde(default)]
    max_records: Option<Whole>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for DescribeAlarms {
    const NAME: &'static str = "DescribeAlarms";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        if !input.alarm_names.is_empty() && input.alarm_name_prefix.is_some() {
            return Err(Fault::validation(
                "AlarmNames and AlarmNamePrefix exclude each other",
            ));
        }
        if input.children_of_alarm_name.is_some() || input.parents_of_alarm_name.is_some() {
            return Err(Fault::validation(
                "there are no composite alarms, which have children",
            ));
        }
        let size = input.max_records.map_or(50, |size| size.0);
        if !(1..=MOST).contains(&size) {
            return Err(Fault::validation(format!(
                "MaxRecords must be from 1 to {MOST}"
            )));
        }
        let skip: usize = match input.next_token.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| token())?,
        };
        let metric = input.alarm_types.is_empty()
            || input.alarm_types.iter().any(|kind| kind == "MetricAlarm");
        let mut all = alarms::all(call, None).await?;
        all.retain(|alarm| metric && fits(alarm, &input));
        let more = all.len() > skip.saturating_add(size as usize);
        let page = all.iter().skip(skip).take(size as usize);
        let shown: Vec<Value> = page.map(|alarm| alarm.shown(call)).collect();
        let mut answer = json!({"MetricAlarms": shown, "CompositeAlarms": []});
        if more {
            answer["NextToken"] = json!((skip + size as usize).to_string());
        }
        Ok(answer)
    }
}

fn fits(alarm: &Alarm, input: &Input) -> bool {
    let own = &alarm.definition;
    let name = &own.alarm_name;
    let mut actions = own
        .alarm_actions
        .iter()
        .chain(&own.ok_actions)
        .chain(&own.insufficient_data_actions);
    (input.alarm_names.is_empty() || input.alarm_names.contains(name))
        && input
            .alarm_name_prefix
            .as_ref()
            .is_none_or(|prefix| name.starts_with(prefix))
        && input
            .state_value
            .as_ref()
            .is_none_or(|state| state == alarm.state.word())
        && input
            .action_prefix
            .as_ref()
            .is_none_or(|prefix| actions.any(|action| action.starts_with(prefix)))
}
