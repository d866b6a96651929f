//! `PutMetricData`: keeps values of series, which are there with their first value.

use crate::fault::Fault;
use crate::monitoring::alarms;
use crate::monitoring::fault::{combination, missing, value};
use crate::monitoring::series::{self, Name, Sample, Values};
use crate::monitoring::wire::{Dimension, Number, Time};
use crate::operation::{Call, Nothing, Operation};
use domain::{Span, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Most values of one request, and of one datum.
const MOST: usize = 1_000;
const MOST_VALUES: usize = 150;
/// Most dimensions.
const MOST_DIMENSIONS: usize = 30;

pub(crate) struct PutMetricData;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    namespace: String,
    #[serde(default)]
    metric_data: Vec<Datum>,
    #[serde(default)]
    entity_metric_data: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    #[serde(default)]
    timestamp: Option<Time>,
    #[serde(default)]
    value: Option<Number>,
    #[serde(default)]
    values: Vec<Number>,
    #[serde(default)]
    counts: Vec<Number>,
    #[serde(default)]
    statistic_values: Option<Figures>,
    #[serde(default)]
    unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Figures {
    sample_count: Number,
    sum: Number,
    minimum: Number,
    maximum: Number,
}

impl Operation for PutMetricData {
    const NAME: &'static str = "PutMetricData";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        if input.entity_metric_data.is_some_and(|data| !data.is_null()) {
            return Err(Fault::unsupported(
                "EntityMetricData is not served; use MetricData",
            ));
        }
        let namespace = &input.namespace;
        if namespace.is_empty() || namespace.len() > 255 || namespace.starts_with(':') {
            return Err(value("The value for parameter Namespace is invalid."));
        }
        if namespace.starts_with("AWS/") {
            return Err(value("The value AWS/ for parameter Namespace is invalid."));
        }
        if input.metric_data.is_empty() {
            return Err(missing("The parameter MetricData is required."));
        }
        if input.metric_data.len() > MOST {
            return Err(value(format!("MetricData has more than {MOST} members.")));
        }
        let now = call.aws.control.world.now();
        let mut pieces: BTreeMap<Name, Vec<Sample>> = BTreeMap::new();
        for datum in input.metric_data {
            let (name, sample) = sample(namespace, datum, now)?;
            pieces.entry(name).or_default().push(sample);
        }
        for (name, samples) in pieces {
            series::put(call.aws, &call.caller(), &name, &samples).await?;
            alarms::after_values(call, &name.namespace, &name.metric).await?;
        }
        Ok(Nothing {})
    }
}

fn sample(namespace: &str, datum: Datum, now: Timestamp) -> Result<(Name, Sample), Fault> {
    let metric = &datum.metric_name;
    let good = |text: &str, longest: usize| {
        !text.is_empty() && text.len() <= longest && !text.contains(char::is_control)
    };
    let dimensions = &datum.dimensions;
    if !good(metric, 255)
        || dimensions.len() > MOST_DIMENSIONS
        || !dimensions
            .iter()
            .all(|own| good(&own.name, 255) && good(&own.value, 1_024))
    {
        return Err(value("a MetricName or a Dimension is empty or too long."));
    }
    let Time(at) = datum.timestamp.unwrap_or(Time(now));
    if at > now + Span::hours(2) || at.0 < now.0 - Span::hours(24 * 14).0 {
        return Err(value(format!(
            "The Timestamp of {metric} must be within the past two weeks and the next two hours."
        )));
    }
    let values = match (datum.value, datum.values.is_empty(), datum.statistic_values) {
        (Some(Number(one)), true, None) => Values::Each(vec![(one, 1.0)]),
        (None, false, None) => Values::Each(counted(&datum.values, &datum.counts)?),
        (None, true, Some(figures)) => Values::Figures {
            count: figures.sample_count.0,
            sum: figures.sum.0,
            min: figures.minimum.0,
            max: figures.maximum.0,
        },
        _ => {
            return Err(combination(format!(
                "Exactly one of the parameters Value, Values and StatisticValues must be given \
                 ({metric})."
            )));
        }
    };
    let sample = Sample {
        at,
        unit: datum.unit,
        values,
    };
    Ok((Name::new(namespace, metric, datum.dimensions), sample))
}

fn counted(values: &[Number], counts: &[Number]) -> Result<Vec<(f64, f64)>, Fault> {
    if values.len() > MOST_VALUES {
        return Err(value(format!(
            "Values has more than {MOST_VALUES} members."
        )));
    }
    if !counts.is_empty() && counts.len() != values.len() {
        return Err(value(
            "The parameters Values and Counts must be of the same size.",
        ));
    }
    if counts.iter().any(|count| count.0 <= 0.0) {
        return Err(value("Counts must be more than 0."));
    }
    let count = |at: usize| counts.get(at).map_or(1.0, |count| count.0);
    Ok(values
        .iter()
        .enumerate()
        .map(|(at, value)| (value.0, count(at)))
        .collect())
}
