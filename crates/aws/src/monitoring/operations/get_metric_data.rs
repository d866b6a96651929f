//! `GetMetricData`: figures of several series by periods, and metric math over them.

use crate::fault::Fault;
use crate::monitoring::fault::{token, undeclared};
use crate::monitoring::queries::{Answered, MOST_POINTS, Query, answer};
use crate::monitoring::wire::{Time, Whole};
use crate::operation::{Call, Operation};
use crate::protocol::moment;
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most queries of one request.
const MOST_QUERIES: usize = 500;

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
            return Err(Fault::validation(format!(
                "MetricDataQueries has more than {MOST_QUERIES} members."
            )));
        }
        let skip: usize = match input.next_token.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| token())?,
        };
        let most = input
            .max_datapoints
            .map_or(MOST_POINTS as i64, |most| most.0);
        let most = (most.max(1) as usize).min(MOST_POINTS);
        let ascending = input.scan_by.as_deref() == Some("TimestampAscending");
        let span = (input.start_time.0, input.end_time.0);
        let answered = answer(call, &input.metric_data_queries, span).await;
        let answered = answered.map_err(undeclared)?;
        let found: Vec<Found> = answered
            .into_iter()
            .map(|one| ordered(one, ascending))
            .collect();
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

fn ordered(Answered { id, series }: Answered, ascending: bool) -> Found {
    let mut points: Vec<(Timestamp, f64)> = series.points.into_iter().collect();
    if !ascending {
        points.reverse();
    }
    Found {
        id,
        label: series.label,
        points,
    }
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
