//! `DescribeAlarmHistory`: what became of alarms, the latest first.

use crate::fault::Fault;
use crate::monitoring::alarms::{self, Item};
use crate::monitoring::fault::token;
use crate::monitoring::wire::{Time, Whole};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most items of a page.
const MOST: i64 = 100;

pub(crate) struct DescribeAlarmHistory;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    alarm_name: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    #[serde(default)]
    history_item_type: Option<String>,
    #[serde(default)]
    start_date: Option<Time>,
    #[serde(default)]
    end_date: Option<Time>,
    #[serde(default)]
    max_records: Option<Whole>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    scan_by: Option<String>,
}

impl Operation for DescribeAlarmHistory {
    const NAME: &'static str = "DescribeAlarmHistory";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let size = input.max_records.map_or(MOST, |size| size.0);
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
        let mut items: Vec<(String, Item)> = Vec::new();
        for alarm in alarms::all(call, None).await? {
            let name = alarm.definition.alarm_name;
            if metric
                && input
                    .alarm_name
                    .as_ref()
                    .is_none_or(|wanted| *wanted == name)
            {
                let fitting = alarm.history.into_iter().filter(|item| fits(item, &input));
                items.extend(fitting.map(|item| (name.clone(), item)));
            }
        }
        items.sort_by_key(|(_, item)| item.at);
        if input.scan_by.as_deref() != Some("TimestampAscending") {
            items.reverse();
        }
        let more = items.len() > skip.saturating_add(size as usize);
        let page = items.iter().skip(skip).take(size as usize);
        let shown: Vec<Value> = page.map(|(name, item)| item.shown(name)).collect();
        let mut answer = json!({"AlarmHistoryItems": shown});
        if more {
            answer["NextToken"] = json!((skip + size as usize).to_string());
        }
        Ok(answer)
    }
}

fn fits(item: &Item, input: &Input) -> bool {
    input
        .history_item_type
        .as_ref()
        .is_none_or(|kind| kind == item.kind.word())
        && input.start_date.is_none_or(|Time(start)| item.at >= start)
        && input.end_date.is_none_or(|Time(end)| item.at < end)
}
