//! Counters of one deployment; they outlive the replacement of its replicas.

use crate::error::Error;
use crate::histogram::{Histogram, HistogramSnapshot};
use crate::rate::Rate;
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The live counters.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    answered: AtomicU64,
    refused: AtomicU64,
    faults: AtomicU64,
    busy: AtomicU64,
    unavailable: AtomicU64,
    late: AtomicU64,
    hung: AtomicU64,
    crashed: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) launched: AtomicU64,
    pub(crate) launch_failures: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) woken: AtomicU64,
    pub(crate) failed_answers: AtomicU64,
    pub(crate) rescued: AtomicU64,
    pub(crate) copies: AtomicU64,
    pub(crate) copies_equal: AtomicU64,
    pub(crate) copies_different: AtomicU64,
    pub(crate) copies_left_out: AtomicU64,
    arrivals: Rate,
    latency: Histogram,
    pub(crate) waiting: Histogram,
    pub(crate) starts: Histogram,
}

/// The counters at one moment; all count since the endpoint was made.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Requests with an answer from the handler.
    pub answered: u64,
    /// Requests that were wrong (4xx).
    pub refused: u64,
    /// Requests whose handler raised.
    pub faults: u64,
    /// Requests refused because the queue was full.
    pub busy: u64,
    /// Requests for which no replica could be had in time.
    pub unavailable: u64,
    /// Requests whose caller's deadline passed while the handler ran.
    pub late: u64,
    /// Requests whose handler was stopped for taking too long.
    pub hung: u64,
    /// Requests whose replica died and that were not answered by another.
    pub crashed: u64,
    /// Calls made again after a crash.
    pub retried: u64,
    /// Replicas that became ready.
    pub launched: u64,
    /// Starts that failed.
    pub launch_failures: u64,
    /// Replicas that ended without being asked to.
    pub lost: u64,
    /// Times that a request found no replica at all and waited for a start.
    pub woken: u64,
    /// Of the answered: those whose handler chose a status of 500 or more.
    pub failed_answers: u64,
    /// Requests that it failed as a canary and that another deployment answered.
    pub rescued: u64,
    /// Copies of requests that it answered or failed as a shadow; they count above as well.
    pub copies: u64,
    /// Copies whose answer said the same as the caller's.
    pub copies_equal: u64,
    /// Copies that failed or whose answer said something else.
    pub copies_different: u64,
    /// Copies that were not made because too many were under way.
    pub copies_left_out: u64,
    /// Requests that ended a second, however they ended, over the last minute.
    pub per_second: f64,
    /// From call to answer, of answered requests.
    pub latency: HistogramSnapshot,
    /// Time in the queue, of requests that got a replica.
    pub waiting: HistogramSnapshot,
    /// From starting a replica to its being ready.
    pub starts: HistogramSnapshot,
}

impl Counters {
    pub(crate) fn count(&self, outcome: Result<Duration, &Error>) {
        self.arrivals.count();
        let counter = match outcome {
            Ok(latency) => {
                self.latency.record(latency);
                &self.answered
            }
            Err(Error::Busy { .. }) => &self.busy,
            Err(Error::Unavailable { .. } | Error::Crowded { .. }) => &self.unavailable,
            Err(Error::Late { .. }) => &self.late,
            Err(Error::Hung { .. }) => &self.hung,
            Err(Error::Crashed { .. }) => &self.crashed,
            Err(Error::Fault(_) | Error::AnswerTooLarge { .. } | Error::Machine { .. }) => {
                &self.faults
            }
            Err(
                Error::NoEndpoint(_)
                | Error::NoVariant { .. }
                | Error::Invalid(_)
                | Error::Stale { .. }
                | Error::TooLarge { .. }
                | Error::Refused { .. },
            ) => &self.refused,
        };
        counter.fetch_add(1, Relaxed);
    }

    /// The mean latency of what was answered, for guesses at how long a queue takes.
    pub(crate) fn typical(&self) -> Option<Duration> {
        self.latency.snapshot().mean()
    }

    pub(crate) fn figures(&self) -> Figures {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        Figures {
            answered: read(&self.answered),
            refused: read(&self.refused),
            faults: read(&self.faults),
            busy: read(&self.busy),
            unavailable: read(&self.unavailable),
            late: read(&self.late),
            hung: read(&self.hung),
            crashed: read(&self.crashed),
            retried: read(&self.retried),
            launched: read(&self.launched),
            launch_failures: read(&self.launch_failures),
            lost: read(&self.lost),
            woken: read(&self.woken),
            failed_answers: read(&self.failed_answers),
            rescued: read(&self.rescued),
            copies: read(&self.copies),
            copies_equal: read(&self.copies_equal),
            copies_different: read(&self.copies_different),
            copies_left_out: read(&self.copies_left_out),
            per_second: self.arrivals.per_second(),
            latency: self.latency.snapshot(),
            waiting: self.waiting.snapshot(),
            starts: self.starts.snapshot(),
        }
    }
}
