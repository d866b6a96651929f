//! `GetMetricStatistics`: figures of one series by periods.

use crate::fault::Fault;
use crate::monitoring::fault::combination;
use crate::monitoring::figures::{Statistic, check, periods};
use crate::monitoring::series::{self, Name};
use crate::monitoring::wire::{Dimension, Time, Whole};
use crate::operation::{Call, Operation};
use crate::protocol::moment;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most points of one answer.
const MOST: i64 = 1_440;

pub(crate) struct GetMetricStatistics;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    start_time: Time,
    end_time: Time,
    period: Whole,
    #[serde(default)]
    statistics: Vec<String>,
    #[serde(default)]
    extended_statistics: Vec<String>,
    #[serde(default)]
    unit: Option<String>,
}

impl Operation for GetMetricStatistics {
    const NAME: &'static str = "GetMetricStatistics";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        if input.statistics.is_empty() && input.extended_statistics.is_empty() {
            return Err(combination(
                "At least one of the parameters Statistics and ExtendedStatistics must be \
                 specified.",
            ));
        }
        let (Time(from), Time(to)) = (input.start_time, input.end_time);
        check(from, to, input.period.0, MOST)?;
        let name = Name::new(&input.namespace, &input.metric_name, input.dimensions);
        let samples = series::samples(call, &name, from, to).await?;
        let unit = input.unit.as_deref();
        let shown = unit.map(str::to_owned);
        let shown = shown.or_else(|| samples.iter().find_map(|sample| sample.unit.clone()));
        let shown = shown.unwrap_or_else(|| "None".to_owned());
        let mut points = Vec::new();
        for (at, period) in periods(&samples, input.period.0, unit) {
            let mut point = json!({"Timestamp": moment::marked(at), "Unit": shown});
            for word in &input.statistics {
                let figure = period.statistic(Statistic::read(word)?);
                point[word] = json!(figure);
            }
            let mut extended = Map::new();
            for word in &input.extended_statistics {
                if let Some(figure) = period.statistic(Statistic::read(word)?) {
                    extended.insert(word.clone(), json!(figure));
                }
            }
            if !extended.is_empty() {
                point["ExtendedStatistics"] = Value::Object(extended);
            }
            points.push(point);
        }
        Ok(json!({"Label": input.metric_name, "Datapoints": points}))
    }
}
