//! The slowest requests of an endpoint, of the last minutes.

use super::parent::drawn;
use super::{Stages, Trace, milliseconds};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many are kept.
const MOST: usize = 32;
/// For how long.
const KEPT: Duration = Duration::from_mins(10);

/// The slowest requests.
#[derive(Debug)]
pub(crate) struct Slowest {
    since: Instant,
    /// Microseconds: what took no longer is not looked at.
    least: AtomicU64,
    /// Seconds from `since` at which one of those that are kept goes.
    until: AtomicU64,
    kept: Mutex<Vec<(Instant, Trace)>>,
}

impl Slowest {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            least: AtomicU64::new(0),
            until: AtomicU64::new(u64::MAX),
            kept: Mutex::default(),
        }
    }

    /// Hears of a request that ended now.
    pub(crate) fn hear(
        &self,
        deployment: &str,
        stages: &Stages,
        lasted: Duration,
        outcome: impl FnOnce() -> String,
    ) {
        let least = Duration::from_micros(self.least.load(Relaxed));
        let now = Instant::now();
        let full_until = self.until.load(Relaxed);
        if lasted <= least && (now - self.since).as_secs() < full_until {
            return;
        }
        let (parent, span_id) = stages.parent();
        let trace = Trace {
            trace_id: parent.map_or_else(|| drawn(32), |parent| parent.trace_id.clone()),
            parent_id: parent.map(|parent| parent.span_id.clone()),
            span_id,
            deployment: deployment.to_owned(),
            ago_ms: 0,
            milliseconds: milliseconds(lasted),
            outcome: outcome(),
            stages: stages.reports(),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(at, _)| now - *at < KEPT);
        kept.push((now, trace));
        kept.sort_by(|(_, one), (_, other)| other.milliseconds.total_cmp(&one.milliseconds));
        kept.truncate(MOST);
        let least = kept.last().filter(|_| kept.len() == MOST);
        let least = least.map_or(0.0, |(_, trace)| trace.milliseconds * 1e3);
        let first = kept.iter().map(|(at, _)| *at).min().unwrap_or(now);
        self.least.store(least as u64, Relaxed);
        let until = (first + KEPT - self.since).as_secs();
        self.until.store(until, Relaxed);
    }

    /// Those that are kept, the slowest first.
    pub(crate) fn traces(&self) -> Vec<Trace> {
        let now = Instant::now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = kept.iter().filter(|(at, _)| now - *at < KEPT);
        fresh
            .map(|(at, trace)| Trace {
                ago_ms: u64::try_from((now - *at).as_millis()).unwrap_or(u64::MAX),
                ..trace.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_slowest_stay_for_a_while() {
        let slowest = Slowest::new();
        let hear = |milliseconds: u64| {
            let lasted = Duration::from_millis(milliseconds);
            slowest.hear("v1", &Stages::default(), lasted, || "answered".to_owned());
        };
        for number in 1..=100 {
            hear(number);
        }
        let seen = |slowest: &Slowest| -> Vec<f64> {
            let traces = slowest.traces();
            traces.iter().map(|trace| trace.milliseconds).collect()
        };
        let all = seen(&slowest);
        assert_eq!((all.len(), all[0], all[31]), (32, 100.0, 69.0));
        hear(68);
        assert_eq!(seen(&slowest), all);
        tokio::time::advance(KEPT).await;
        assert!(seen(&slowest).is_empty());
        hear(5);
        assert_eq!(seen(&slowest), [5.0]);
    }
}
