//! `GetMetricData`: figures of several series by periods. Expressions are refused.

use crate::fault::Fault;
use crate::monitoring::fault::{combination, token, value};
use crate::monitoring::figures::{Statistic, check, periods};
use crate::monitoring::series::{self, Name};
use crate::monitoring::wire::{Dimension, Time, Truth, Whole};
use crate::operation::{Call, Operation};
use crate::protocol::moment;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most queries of one request, and most points of one answer.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: usize = 100_800;

pub(crate) struct GetMetricData;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    metric_data_queries: Vec<Query>,
    start_time: Time,
    end_time: Time,
    #[serde(default)]
    scan_by: Option<String>,
    #[serde(default)]
    max_datapoints: Option<Whole>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    #[serde(default)]
    metric_stat: Option<MetricStat>,
    #[serde(default)]
    expression: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    return_data: Option<Truth>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Metric,
    period: Whole,
    stat: String,
    #[serde(default)]
    unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: String,
    #[serde(rename = "MetricName")]
    name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

struct Found {
    id: String,
    label: String,
    points: Vec<(Timestamp, f64)>,
}

impl Operation for GetMetricData {
    const NAME: &'static str = "GetMetricData";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        if input.metric_data_queries.len() > MOST_QUERIES {
            return Err(value(format!("MetricDataQueries has more than {MOST_QUERIES} members.")));
        }
        let skip: usize = match input.next_token.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| token())?,
        };
        let most = input.max_datapoints.map_or(MOST_POINTS as i64, |most| most.0);
        let most = (most.max(1) as usize).min(MOST_POINTS);
        let ascending = input.scan_by.as_deref() == Some("TimestampAscending");
        let mut found = Vec::new();
        for query in input.metric_data_queries {
            let times = (input.start_time.0, input.end_time.0);
            found.extend(run(call, query, times, ascending).await?);
        }
        let total: usize = found.iter().map(|one| one.points.len()).sum();
        let mut left = (skip, most);
        let results: Vec<Value> = found.into_iter().map(|one| cut(one, &mut left)).collect();
        let mut answer = json!({"MetricDataResults": results, "Messages": []});
        if total > skip.saturating_add(most) {
            answer["NextToken"] = json!((skip + most).to_string());
        }
        Ok(answer)
    }
}

async fn run(
    call: &Call<'_>,
    query: Query,
    (from, to): (Timestamp, Timestamp),
    ascending: bool,
) -> Result<Option<Found>, Fault> {
    let Some(wanted) = query.metric_stat.filter(|_| query.expression.is_none()) else {
        let id = query.id.chars().take(255).collect::<String>();
        return Err(combination(format!(
            "the query {id} has an Expression: metric math and Metrics Insights are not served; \
             give a MetricStat"
        )));
    };
    check(from, to, wanted.period.0, MOST_POINTS as i64)?;
    let statistic = Statistic::read(&wanted.stat)?;
    if query.return_data == Some(Truth(false)) {
        return Ok(None);
    }
    let metric = wanted.metric;
    let label = query.label.unwrap_or_else(|| metric.name.clone());
    let name = Name::new(&metric.namespace, &metric.name, metric.dimensions);
    let samples = series::samples(call, &name, from, to).await?;
    let periods = periods(&samples, wanted.period.0, wanted.unit.as_deref()).into_iter();
    let figures = periods.filter_map(|(at, period)| Some((at, period.statistic(statistic)?)));
    let mut points: Vec<(Timestamp, f64)> = figures.collect();
    if !ascending {
        points.reverse();
    }
    Ok(Some(Found {
        id: query.id,
        label,
        points,
    }))
}

/// The part of a series that is on this page.
fn cut(found: Found, left: &mut (usize, usize)) -> Value {
    let (skip, most) = *left;
    let all = found.points.len();
    let page: Vec<(Timestamp, f64)> = found.points.into_iter().skip(skip).take(most).collect();
    *left = (skip.saturating_sub(all), most - page.len());
    let complete = skip + page.len() >= all;
    let times: Vec<Value> = page.iter().map(|(at, _)| moment::marked(*at)).collect();
    let values: Vec<f64> = page.iter().map(|(_, value)| *value).collect();
    json!({
        "Id": found.id,
        "Label": found.label,
        "Timestamps": times,
        "Values": values,
        "StatusCode": if complete { "Complete" } else { "PartialData" },
    })
}
