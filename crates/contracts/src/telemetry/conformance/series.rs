//! Metric series.

use super::{here, job, metric};
use crate::store::StoreError;
use crate::telemetry::Telemetry;
use domain::Timestamp;
use domain::metric::Metric;

/// Metrics come back exactly, in the order of reporting, from a position on, at most so many.
pub async fn metrics_come_back_in_order(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 0);
    assert!(
        telemetry
            .metrics(&scope, &a, 0, 10)
            .await
            .expect("metrics")
            .is_empty()
    );
    let mut metrics = vec![
        metric("accuracy", 0.964_912_280_701_754_4),
        metric("löss 'x'", -0.0),
        metric("", f64::MAX),
        metric("tiny", 5e-324),
    ];
    metrics[0].step = Some(i64::MIN);
    metrics[1].at = Timestamp(-3);
    telemetry
        .append_metrics(&scope, &a, 0, &metrics[..2])
        .await
        .expect("append");
    telemetry
        .append_metrics(&scope, &a, 2, &metrics[2..])
        .await
        .expect("append");
    telemetry
        .append_metrics(&scope, &a, 4, &[])
        .await
        .expect("nothing to append");
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 4);
    let read = async |from, limit| {
        telemetry
            .metrics(&scope, &a, from, limit)
            .await
            .expect("metrics")
    };
    assert_eq!(read(0, 10).await, metrics);
    assert_eq!(read(1, 2).await, metrics[1..3]);
    assert_eq!(read(3, 1).await, metrics[3..]);
    assert!(read(4, 10).await.is_empty());
    assert!(read(u64::MAX, 10).await.is_empty());
    assert!(read(0, 0).await.is_empty());
    telemetry
        .append_metrics(&scope, &a, 4, &[metric("a\0b", 1.0)])
        .await
        .expect("append");
    assert_eq!(read(4, 1).await[0].name, "a␀b");
}

/// What is there already is passed over, whole or in part, even when it differs.
pub async fn metrics_are_not_written_twice(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let metrics: Vec<Metric> = (0..5).map(|index| metric("m", f64::from(index))).collect();
    for (from, part) in [
        (0, 0..3),
        (0, 0..3),
        (0, 0..2),
        (1, 1..4),
        (2, 2..3),
        (0, 0..5),
    ] {
        telemetry
            .append_metrics(&scope, &a, from, &metrics[part])
            .await
            .expect("append");
    }
    telemetry
        .append_metrics(&scope, &a, 0, &[metric("other", 9.0)])
        .await
        .expect("append");
    assert_eq!(
        telemetry.metrics(&scope, &a, 0, 10).await.expect("metrics"),
        metrics
    );
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 5);
}

/// A gap and numbers that are not finite are refused, and nothing of the call is kept.
pub async fn metrics_are_refused_when_they_cannot_be_kept(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let good = metric("m", 1.0);
    for (from, bad) in [
        (1, vec![good.clone()]),
        (u64::MAX, vec![good.clone()]),
        (0, vec![good.clone(), metric("n", f64::NAN)]),
        (0, vec![good, metric("n", f64::INFINITY)]),
    ] {
        let refused = telemetry.append_metrics(&scope, &a, from, &bad).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid(_))),
            "{from} {bad:?}"
        );
    }
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 0);
}

/// Thousands of metrics in one call, read in parts.
pub async fn long_series_are_read_in_parts(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let metrics: Vec<Metric> = (0..3_000)
        .map(|index| metric("m", f64::from(index)))
        .collect();
    telemetry
        .append_metrics(&scope, &a, 0, &metrics)
        .await
        .expect("append");
    let mut found = Vec::new();
    loop {
        let from = found.len() as u64;
        let part = telemetry
            .metrics(&scope, &a, from, 700)
            .await
            .expect("metrics");
        if part.is_empty() {
            break;
        }
        found.extend(part);
    }
    assert_eq!(found, metrics);
}
