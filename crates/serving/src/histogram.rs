//! Counts durations without locks, finely enough for a p99.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Buckets per doubling: a quantile is at most one eighth too large.
const STEPS: usize = 8;
/// 2^4 µs is the first bucket's bound; 2^28 µs (268 s) the last one's.
const FIRST_POWER: u32 = 4;
const POWERS: usize = 24;
const BUCKETS: usize = POWERS * STEPS + 2;

/// A histogram of durations.
#[derive(Debug)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            sum: AtomicU64::new(0),
        }
    }
}

fn bucket(micros: u64) -> usize {
    if micros <= 1 << FIRST_POWER {
        return 0;
    }
    let below = micros - 1;
    let power = below.ilog2();
    let step = (below >> (power.saturating_sub(3))) as usize & (STEPS - 1);
    let index = (power - FIRST_POWER) as usize * STEPS + step + 1;
    index.min(BUCKETS - 1)
}

/// The upper bound of a bucket in microseconds; none for the last.
fn bound(index: usize) -> Option<u64> {
    match index {
        0 => Some(1 << FIRST_POWER),
        _ if index == BUCKETS - 1 => None,
        _ => {
            let power = (index - 1) / STEPS;
            let step = ((index - 1) % STEPS + 1) as u64;
            let base = 1_u64 << (FIRST_POWER as usize + power);
            Some(base + base / STEPS as u64 * step)
        }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.counts[bucket(micros)].fetch_add(1, Relaxed);
        self.sum.fetch_add(micros, Relaxed);
    }

    /// What was counted so far.
    pub fn snapshot(&self) -> HistogramSnapshot {
        let mut buckets = Vec::new();
        let mut count = 0;
        for (index, counter) in self.counts.iter().enumerate() {
            let here = counter.load(Relaxed);
            if here > 0 {
                count += here;
                buckets.push(Bucket {
                    at_most_micros: bound(index),
                    count: here,
                });
            }
        }
        HistogramSnapshot {
            buckets,
            count,
            sum_micros: self.sum.load(Relaxed),
        }
    }
}

/// A histogram at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HistogramSnapshot {
    /// The buckets that hold anything, in ascending order.
    pub buckets: Vec<Bucket>,
    /// How many durations.
    pub count: u64,
    /// Their sum in microseconds.
    pub sum_micros: u64,
}

/// One bucket, not cumulative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Upper bound in microseconds, included; none is unbounded.
    pub at_most_micros: Option<u64>,
    /// How many durations fell into it.
    pub count: u64,
}

impl HistogramSnapshot {
    /// The bound under which the share `quantile` (0 to 1) of the durations lies; none when nothing
    /// was counted.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let rank = (quantile.clamp(0.0, 1.0) * self.count as f64)
            .ceil()
            .max(1.0) as u64;
        let mut seen = 0;
        let mut largest = None;
        for bucket in &self.buckets {
            seen += bucket.count;
            largest = bucket.at_most_micros.or(largest);
            if seen >= rank {
                return largest.map(Duration::from_micros);
            }
        }
        None
    }

    /// What was counted since an earlier snapshot of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut later = self.clone();
        for bucket in &mut later.buckets {
            let before = earlier
                .buckets
                .iter()
                .find(|before| before.at_most_micros == bucket.at_most_micros);
            bucket.count -= before.map_or(0, |before| before.count.min(bucket.count));
        }
        later.buckets.retain(|bucket| bucket.count > 0);
        // The parts of a snapshot are not read at one instant.
        later.count = later.buckets.iter().map(|bucket| bucket.count).sum();
        later.sum_micros = self.sum_micros.saturating_sub(earlier.sum_micros);
        later
    }

    /// Adds what another histogram counted.
    pub fn add(&mut self, other: &Self) {
        let unbounded = |bucket: &Bucket| bucket.at_most_micros.unwrap_or(u64::MAX);
        for bucket in &other.buckets {
            match self
                .buckets
                .binary_search_by_key(&unbounded(bucket), unbounded)
            {
                Ok(place) => self.buckets[place].count += bucket.count,
                Err(place) => self.buckets.insert(place, bucket.clone()),
            }
        }
        self.count += other.count;
        self.sum_micros = self.sum_micros.saturating_add(other.sum_micros);
    }

    /// How many durations fell into buckets that end at or below so many microseconds.
    pub fn at_most(&self, micros: u64) -> u64 {
        let below = self
            .buckets
            .iter()
            .filter(|bucket| bucket.at_most_micros.is_some_and(|most| most <= micros));
        below.map(|bucket| bucket.count).sum()
    }

    /// The mean; none when nothing was counted.
    pub fn mean(&self) -> Option<Duration> {
        self.sum_micros
            .checked_div(self.count)
            .map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_falls_under_its_own_bound() {
        for micros in (0..20_000).chain([1 << 20, (1 << 28) - 1, 1 << 28]) {
            let index = bucket(micros);
            let upper = bound(index).unwrap();
            assert!(micros <= upper, "{micros} > {upper}");
            if index > 0 {
                assert!(micros > bound(index - 1).unwrap(), "{micros} in {index}");
            }
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn differences_and_sums_are_those_of_what_was_counted() {
        let (one, other) = (Histogram::default(), Histogram::default());
        one.record(Duration::from_millis(1));
        let before = one.snapshot();
        for millis in [1, 5, 1_000_000] {
            one.record(Duration::from_millis(millis));
            other.record(Duration::from_millis(millis));
        }
        assert_eq!(one.snapshot().since(&before), other.snapshot());
        let mut sum = before;
        sum.add(&other.snapshot());
        assert_eq!(sum, one.snapshot());
    }

    #[test]
    fn quantiles_are_within_an_eighth() {
        let histogram = Histogram::default();
        for millis in 1..=1000 {
            histogram.record(Duration::from_millis(millis));
        }
        let snapshot = histogram.snapshot();
        for (quantile, exact) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let got = snapshot.quantile(quantile).unwrap().as_secs_f64() * 1000.0;
            assert!(got >= exact && got <= exact * 1.126, "{quantile}: {got}");
        }
        assert_eq!(Histogram::default().snapshot().quantile(0.5), None);
    }
}
