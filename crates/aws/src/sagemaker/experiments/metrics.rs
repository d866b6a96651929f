//! Metrics that were put to a trial component: one document a request, so that no two writers
//! get into each other's way.

use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use crate::time::Epoch;
use control::documents::NewDocument;
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The documents' kind.
const BATCH: &str = "sagemaker/metric-batch";

/// A value that was reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) step: Option<i64>,
    pub(crate) at: Timestamp,
}

/// Keeps values of a component.
pub(crate) async fn put(call: &Call<'_>, component: &str, points: &[Point]) -> Result<(), Fault> {
    let new = NewDocument {
        kind: BATCH.to_owned(),
        id: format!("{component}/{}", call.aws.control.world.fresh_id("m")),
        parent: Some(component.to_owned()),
        phase: "kept".to_owned(),
        body: json!(points),
        ..NewDocument::default()
    };
    let made = call.aws.control.create_document(&call.caller(), &new).await;
    made.map(|_| ()).map_err(fault)
}

/// All values of a component, in the order of their times.
pub(crate) async fn of(call: &Call<'_>, component: &str) -> Result<Vec<Point>, Fault> {
    let mut points: Vec<Point> = Vec::new();
    for document in kept::all(call, BATCH, &Which::of(component))
        .await
        .map_err(fault)?
    {
        let batch: Vec<Point> = crate::operation::read(document.body)?;
        points.extend(batch);
    }
    points.sort_by_key(|point| (point.at, point.step));
    Ok(points)
}

/// Forgets the values of a component.
pub(crate) async fn forget(call: &Call<'_>, component: &str) -> Result<(), Fault> {
    let caller = call.caller();
    for document in kept::all(call, BATCH, &Which::of(component))
        .await
        .map_err(fault)?
    {
        match call
            .aws
            .control
            .delete_document(&caller, BATCH, &document.id)
            .await
        {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
    }
    Ok(())
}

/// `TrialComponentMetricSummary` of each name.
pub(crate) fn summaries(points: &[Point], source: &str) -> Vec<Value> {
    let mut by_name: BTreeMap<&str, Vec<&Point>> = BTreeMap::new();
    for point in points {
        by_name.entry(&point.name).or_default().push(point);
    }
    let summaries = by_name.into_iter().filter_map(|(name, points)| {
        let last = points.iter().max_by_key(|point| (point.at, point.step))?;
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let figures = Figures::of(&values);
        Some(json!({
            "MetricName": name,
            "SourceArn": source,
            "TimeStamp": Epoch(last.at),
            "Last": last.value,
            "Max": figures.max,
            "Min": figures.min,
            "Avg": figures.mean,
            "StdDev": figures.deviation,
            "Count": values.len(),
        }))
    });
    summaries.collect()
}

/// Figures of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figures {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) mean: f64,
    /// Of the sample.
    pub(crate) deviation: f64,
}

impl Figures {
    /// Of at least one value.
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = if values.len() > 1 {
            (squares / (count - 1.0)).sqrt()
        } else {
            0.0
        };
        Self {
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            mean,
            deviation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_have_the_figures_of_each_name() {
        let point = |name: &str, value: f64, at: i64| Point {
            name: name.to_owned(),
            value,
            step: None,
            at: Timestamp(at * 1_000),
        };
        let points = [
            point("loss", 3.0, 1),
            point("loss", 1.0, 2),
            point("accuracy", 0.5, 1),
        ];
        let all = summaries(&points, "arn");
        assert_eq!(all.len(), 2);
        let loss = &all[1];
        assert_eq!(
            (&loss["Last"], &loss["Max"], &loss["Avg"]),
            (&json!(1.0), &json!(3.0), &json!(2.0))
        );
        assert_eq!(loss["Count"], 2);
        assert!((loss["StdDev"].as_f64().unwrap() - 2_f64.sqrt()).abs() < 1e-12);
    }
}
