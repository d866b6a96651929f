//! `DescribeAlarmsForMetric`: the alarms on one series.

use crate::fault::Fault;
use crate::monitoring::alarms;
use crate::monitoring::wire::{Dimension, Whole};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeAlarmsForMetric;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    metric_name: String,
    namespace: String,
    #[serde(default)]
    statistic: Option<String>,
    #[serde(default)]
    extended_statistic: Option<String>,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    #[serde(default)]
    period: Option<Whole>,
    #[serde(default)]
    unit: Option<String>,
}

impl Operation for DescribeAlarmsForMetric {
    const NAME: &'static str = "DescribeAlarmsForMetric";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, mut input: Input) -> Result<Value, Fault> {
        input.dimensions.sort();
        let mut shown = Vec::new();
        for alarm in alarms::all(call, None).await? {
            let own = &alarm.definition;
            let mut dimensions = own.dimensions.clone();
            dimensions.sort();
            let same =
                |wanted: &Option<String>, own: &Option<String>| wanted.is_none() || wanted == own;
            if own.metric_name.as_ref() == Some(&input.metric_name)
                && own.namespace.as_ref() == Some(&input.namespace)
                && dimensions == input.dimensions
                && same(&input.statistic, &own.statistic)
                && same(&input.extended_statistic, &own.extended_statistic)
                && same(&input.unit, &own.unit)
                && (input.period.is_none() || input.period == own.period)
            {
                shown.push(alarm.shown(call));
            }
        }
        Ok(json!({"MetricAlarms": shown}))
    }
}
