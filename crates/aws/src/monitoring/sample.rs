//! Endpoints' figures, put into CloudWatch once a minute
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html>). The data plane
//! counts since the endpoint was made; what is kept is what was counted since the sample before.

use super::series::{self, Name, Sample, Values};
use super::wire::Dimension;
use crate::Aws;
use control::Caller;
use domain::{Refusal, Timestamp};
use serving::figures::Figures;
use serving::spec::EndpointKey;
use std::collections::BTreeMap;

const NAMESPACE: &str = "AWS/SageMaker";

/// What was counted up to the sample before, by endpoint and deployment.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    figures: BTreeMap<(EndpointKey, String), Figures>,
    processors: super::instances::Counted,
}

/// Keeps what was counted since.
pub(crate) async fn take(aws: &Aws, counted: &mut Counted) -> Result<(), Refusal> {
    let now = aws.control.world.now();
    let mut present = BTreeMap::new();
    for key in aws.endpoints.list() {
        let Some(status) = aws.endpoints.status(&key) else {
            continue;
        };
        for deployment in status.deployments {
            let name = (key.clone(), deployment.name.to_string());
            let before = counted.figures.get(&name);
            put(aws, &name, &deployment.figures, before, now).await?;
            present.insert(name, deployment.figures);
        }
    }
    counted.figures = present;
    super::instances::sample(aws, &mut counted.processors).await
}

async fn put(
    aws: &Aws,
    (key, variant): &(EndpointKey, String),
    figures: &Figures,
    before: Option<&Figures>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let caller = Caller::system(key.workspace.clone());
    let dimension = |name: &str, value: &str| Dimension {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let dimensions = vec![
        dimension("EndpointName", key.name.as_str()),
        dimension("VariantName", variant),
    ];
    for (metric, unit, values) in since(figures, before) {
        let name = Name::new(NAMESPACE, metric, dimensions.clone());
        let sample = Sample {
            at: now,
            unit: Some(unit.to_owned()),
            values,
        };
        series::put(aws, &caller, &name, &[sample]).await?;
    }
    Ok(())
}

/// Each metric with its unit; nothing when nobody called.
fn since(now: &Figures, before: Option<&Figures>) -> Vec<(&'static str, &'static str, Values)> {
    let zero = Figures::default();
    // Counters that fell belong to an endpoint that was made anew.
    let before = before
        .filter(|before| before.answered <= now.answered)
        .unwrap_or(&zero);
    let grown = |count: fn(&Figures) -> u64| count(now).saturating_sub(count(before)) as f64;
    let refused = grown(|f| f.refused);
    let failed = grown(|f| f.faults + f.busy + f.unavailable + f.late + f.hung + f.crashed);
    let answered = grown(|f| f.answered);
    let all = answered + refused + failed;
    if all == 0.0 {
        return Vec::new();
    }
    // One value for each request: the sum is how many there were, the average their share.
    let share = |count: f64| {
        let each = [(1.0, count), (0.0, all - count)];
        Values::Each(each.into_iter().filter(|(_, count)| *count > 0.0).collect())
    };
    let mut metrics = vec![
        ("Invocations", "None", Values::Each(vec![(1.0, all)])),
        ("Invocation4XXErrors", "None", share(refused)),
        ("Invocation5XXErrors", "None", share(failed)),
    ];
    let latency = latencies(now, before);
    if !latency.is_empty() {
        metrics.push(("ModelLatency", "Microseconds", Values::Each(latency)));
    }
    metrics
}

/// Latencies in microseconds: each bucket at its upper bound, so that none is told too short.
fn latencies(now: &Figures, before: &Figures) -> Vec<(f64, f64)> {
    let old = |at: Option<u64>| {
        let found = before
            .latency
            .buckets
            .iter()
            .find(|bucket| bucket.at_most_micros == at);
        found.map_or(0, |bucket| bucket.count)
    };
    let mut highest = 0.0;
    let mut all = Vec::new();
    for bucket in &now.latency.buckets {
        highest = bucket.at_most_micros.map_or(highest, |at| at as f64);
        let count = bucket.count.saturating_sub(old(bucket.at_most_micros));
        if count > 0 {
            all.push((highest, count as f64));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_counted_since_is_kept() {
        let figures = |answered: u64, faults: u64| Figures {
            answered,
            faults,
            ..Figures::default()
        };
        let kept = since(&figures(7, 2), Some(&figures(4, 1)));
        assert_eq!(kept[0].2, Values::Each(vec![(1.0, 4.0)]));
        assert_eq!(kept[2].2, Values::Each(vec![(1.0, 1.0), (0.0, 3.0)]));
        assert!(since(&figures(4, 1), Some(&figures(4, 1))).is_empty());
        // A new endpoint of the same name counts from nothing.
        assert_eq!(
            since(&figures(2, 0), Some(&figures(9, 0)))[0].2,
            Values::Each(vec![(1.0, 2.0)])
        );
    }
}
