//! What the dialect does now and then besides answering: offline stores are written, and
//! endpoints' figures are put into CloudWatch.

use crate::Aws;
use crate::monitoring::sample::{self, Counted};
use crate::sagemaker::{asynchronous, features};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks at what waits for an offline store; SageMaker takes up to 15 minutes.
const FLUSH: Duration = Duration::from_secs(5);
/// Between two samples of endpoints' figures, as CloudWatch's periods of one minute.
const SAMPLE: Duration = Duration::from_mins(1);

/// Between two looks at asynchronous requests.
const ASYNCHRONOUS: Duration = Duration::from_millis(500);

/// Goes on until `halted` turns true.
pub async fn keep(aws: Aws, mut halted: watch::Receiver<bool>) {
    let mut counted = Counted::default();
    let (mut flush, mut sample) = (interval(FLUSH), interval(SAMPLE));
    let mut asynchronous = interval(ASYNCHRONOUS);
    asynchronous.set_missed_tick_behavior(MissedTickBehavior::Delay);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sample.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*halted.borrow() {
        tokio::select! {
            _ = flush.tick() => {
                if let Err(refusal) = features::flush(&aws).await {
                    tracing::warn!(%refusal, "offline stores could not be written");
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
            }
            _ = halted.changed() => {}
        }
    }
    // What was counted since the last sample.
    if let Err(refusal) = sample::take(&aws, &mut counted).await {
        tracing::warn!(%refusal, "endpoints' figures could not be kept");
    }
}
