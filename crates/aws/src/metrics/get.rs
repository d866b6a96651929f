//! `BatchGetMetrics`: series of trial components, by step or by time.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::entities::COMPONENT;
use crate::sagemaker::experiments::metrics::{Figures, Point};
use crate::sagemaker::experiments::{components, jobs, metrics};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most queries of one request.
const MOST: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    metric_queries: Vec<Query>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    metric_name: String,
    resource_arn: String,
    metric_stat: Statistic,
    period: Period,
    x_axis_type: Axis,
    #[serde(default)]
    start: Option<i64>,
    #[serde(default)]
    end: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Statistic {
    Min,
    Max,
    Avg,
    Count,
    StdDev,
    Last,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Period {
    OneMinute,
    FiveMinute,
    OneHour,
    IterationNumber,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Axis {
    IterationNumber,
    Timestamp,
}

pub(super) async fn answer(call: &Call<'_>, request: Request) -> Result<Value, Fault> {
    if !(1..=MOST).contains(&request.metric_queries.len()) {
        return Err(Fault::validation(format!(
            "between 1 and {MOST} queries must be given"
        )));
    }
    let mut results = Vec::new();
    for query in &request.metric_queries {
        results.push(match run(call, query).await {
            Ok(result) => result,
            Err(fault) if fault.status.is_client_error() => {
                let message = fault.message;
                json!({
                    "Status": "ValidationError",
                    "Message": message,
                    "XAxisValues": [],
                    "MetricValues": [],
                })
            }
            Err(fault) => return Err(fault),
        });
    }
    Ok(json!({"MetricQueryResults": results}))
}

async fn run(call: &Call<'_>, query: &Query) -> Result<Value, Fault> {
    let component = components::require(call, &query.resource_arn).await?;
    let arn = COMPONENT.arn(call, &component.id);
    let facts = call.facts(call.connection, &Value::Null);
    call.demand("sagemaker:BatchGetMetrics", &arn, &facts)
        .await?;
    let mut points = metrics::of(call, &component.id).await?;
    points.extend(jobs::metrics(call, &component.id).await?);
    points.retain(|point| point.name == query.metric_name);
    let (axis, values) = series(&points, query);
    Ok(json!({"Status": "Complete", "XAxisValues": axis, "MetricValues": values}))
}

fn series(points: &[Point], query: &Query) -> (Vec<i64>, Vec<f64>) {
    let mut groups: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (index, point) in points.iter().enumerate() {
        let seconds = point.at.0.div_euclid(1_000);
        let x = match (query.x_axis_type, query.period) {
            (Axis::IterationNumber, _) => point.step.unwrap_or(index as i64),
            (Axis::Timestamp, Period::OneMinute) => seconds - seconds.rem_euclid(60),
            (Axis::Timestamp, Period::FiveMinute) => seconds - seconds.rem_euclid(300),
            (Axis::Timestamp, Period::OneHour) => seconds - seconds.rem_euclid(3_600),
            (Axis::Timestamp, Period::IterationNumber) => seconds,
        };
        let within =
            query.start.is_none_or(|start| x >= start) && query.end.is_none_or(|end| x <= end);
        if within {
            groups.entry(x).or_default().push(point.value);
        }
    }
    let values = groups.values().map(|values| {
        let figures = Figures::of(values);
        match query.metric_stat {
            Statistic::Min => figures.min,
            Statistic::Max => figures.max,
            Statistic::Avg => figures.mean,
            Statistic::StdDev => figures.deviation,
            Statistic::Count => values.len() as f64,
            Statistic::Last => values.last().copied().unwrap_or_default(),
        }
    });
    let values = values.collect();
    (groups.into_keys().collect(), values)
}
