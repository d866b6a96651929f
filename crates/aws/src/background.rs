//! What the dialect does now and then besides answering: offline stores are written, endpoints'
//! figures are put into CloudWatch, old values become coarser, keys of ended sessions are forgotten,
//! models of endpoints that are gone leave the registry.

use crate::Aws;
use crate::budgets::ended;
use crate::monitoring::alarms;
use crate::monitoring::retention::{self, Retained};
use crate::monitoring::sample::{self, Counted};
use crate::sagemaker::{asynchronous, features, multi_model};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks at what waits for an offline store; SageMaker takes up to 15 minutes. And at
/// what multi-model endpoints have left in the registry.
const FLUSH: Duration = Duration::from_secs(5);
/// Between two samples of endpoints' figures, as CloudWatch's periods of one minute.
const SAMPLE: Duration = Duration::from_mins(1);

/// Between two looks at what grew old of metrics.
const RETENTION: Duration = Duration::from_hours(1);

/// Between two looks at asynchronous requests.
const ASYNCHRONOUS: Duration = Duration::from_millis(500);

/// Between two looks at whose sessions have ended.
const SESSIONS: Duration = Duration::from_mins(30);

/// Between two looks at what endpoints printed.
const LINES: Duration = Duration::from_secs(2);

/// Goes on until `halted` turns true.
pub async fn keep(aws: Aws, mut halted: watch::Receiver<bool>) {
    let mut counted = Counted::default();
    let (mut flush, mut sample) = (interval(FLUSH), interval(SAMPLE));
    let (mut asynchronous, mut sessions) = (interval(ASYNCHRONOUS), interval(SESSIONS));
    let (mut lines, mut old) = (interval(LINES), interval(RETENTION));
    let mut retained = Retained::default();
    old.set_missed_tick_behavior(MissedTickBehavior::Delay);
    lines.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sessions.set_missed_tick_behavior(MissedTickBehavior::Delay);
    asynchronous.set_missed_tick_behavior(MissedTickBehavior::Delay);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sample.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*halted.borrow() {
        tokio::select! {
            _ = flush.tick() => {
                if let Err(refusal) = features::flush(&aws).await {
                    tracing::warn!(%refusal, "offline stores could not be written");
                }
                if let Err(refusal) = multi_model::take_out(&aws).await {
                    tracing::warn!(%refusal, "models of endpoints that are gone stay registered");
                }
            }
            _ = asynchronous.tick() => {
                if let Err(refusal) = asynchronous::answer(&aws).await {
                    tracing::warn!(%refusal, "asynchronous requests could not be answered");
                }
            }
            _ = sample.tick() => {
                if let Err(refusal) = sample::take(&aws, &mut counted).await {
                    tracing::warn!(%refusal, "endpoints' figures could not be kept");
                }
                if let Err(refusal) = alarms::evaluate(&aws).await {
                    tracing::warn!(%refusal, "alarms could not be evaluated");
                }
                if let Err(refusal) = ended::delete(&aws).await {
                    tracing::warn!(%refusal, "budgets that ended could not be deleted");
                }
            }
            _ = lines.tick() => {
                if let Err(refusal) = crate::logs::keep_endpoint_lines(&aws).await {
                    tracing::warn!(%refusal, "what endpoints printed could not be kept");
                }
            }
            _ = old.tick() => {
                if let Err(refusal) = retention::keep(&aws, &mut retained).await {
                    tracing::warn!(%refusal, "old values of metrics could not be rolled up");
                }
            }
            _ = sessions.tick() => {
                if let Err(refusal) = aws.forget_ended_sessions().await {
                    tracing::warn!(%refusal, "ended sessions could not be forgotten");
                }
            }
            _ = halted.changed() => {}
        }
    }
    if let Err(refusal) = crate::logs::keep_endpoint_lines(&aws).await {
        tracing::warn!(%refusal, "what endpoints printed could not be kept");
    }
    // What was counted since the last sample.
    if let Err(refusal) = sample::take(&aws, &mut counted).await {
        tracing::warn!(%refusal, "endpoints' figures could not be kept");
    }
}
