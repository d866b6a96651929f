//! `BatchPutMetrics`: keeps values of a trial component. One that is wrong is an error of its
//! own; the others are kept.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::entities::COMPONENT;
use crate::sagemaker::experiments::components;
use crate::sagemaker::experiments::metrics::{self, Point};
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most values of one request.
const MOST: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    trial_component_name: String,
    metric_data: Vec<Datum>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    metric_name: String,
    timestamp: f64,
    #[serde(default)]
    step: Option<i64>,
    value: f64,
}

pub(super) async fn answer(call: &Call<'_>, request: Request) -> Result<Value, Fault> {
    if !(1..=MOST).contains(&request.metric_data.len()) {
        return Err(Fault::validation(format!(
            "between 1 and {MOST} values must be given"
        )));
    }
    let component = components::require(call, &request.trial_component_name).await?;
    let arn = COMPONENT.arn(call, &component.id);
    let facts = call.facts(call.connection, &Value::Null);
    call.demand("sagemaker:BatchPutMetrics", &arn, &facts)
        .await?;
    let (mut points, mut errors) = (Vec::new(), Vec::new());
    for (index, datum) in request.metric_data.into_iter().enumerate() {
        let name = datum.metric_name.len();
        let good = (1..=255).contains(&name)
            && datum.value.is_finite()
            && datum.timestamp.is_finite()
            && datum.step.is_none_or(|step| step >= 0);
        if !good {
            errors.push(json!({"Code": "VALIDATION_ERROR", "MetricIndex": index}));
            continue;
        }
        points.push(Point {
            name: datum.metric_name,
            value: datum.value,
            step: datum.step,
            at: Timestamp((datum.timestamp * 1_000.0) as i64),
        });
    }
    if !points.is_empty() {
        metrics::put(call, &component.id, &points).await?;
    }
    if errors.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({"Errors": errors}))
}
