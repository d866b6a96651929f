//! How many requests come a second, over the last minute, without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

/// Seconds that are looked back on.
const WINDOW: u64 = 60;
/// Places of seconds; more than the window, so that the second under way takes none of its places.
const PLACES: usize = 64;
/// Bits of a place that count; the others say which second it is.
const COUNT_BITS: u32 = 32;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// Counts events by the second.
#[derive(Debug)]
pub(crate) struct Rate {
    began: Instant,
    /// In each place the second, from 1, and how many events it had.
    places: [AtomicU64; PLACES],
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            places: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl Rate {
    /// Counts one event of now.
    pub(crate) fn count(&self) {
        self.count_at(self.began.elapsed());
    }

    /// Events a second over the last whole seconds, a minute of them at most; 0 before the first
    /// second is over.
    pub(crate) fn per_second(&self) -> f64 {
        self.per_second_at(self.began.elapsed())
    }

    fn count_at(&self, age: Duration) {
        let second = age.as_secs() + 1;
        let place = &self.places[(second % PLACES as u64) as usize];
        let add = |held: u64| {
            let count = if held >> COUNT_BITS == second {
                (held & COUNT_MASK).saturating_add(1).min(COUNT_MASK)
            } else {
                1
            };
            Some((second << COUNT_BITS) | count)
        };
        // Always some, so this cannot fail.
        let _ = place.fetch_update(Relaxed, Relaxed, add);
    }

    fn per_second_at(&self, age: Duration) -> f64 {
        let over = age.as_secs();
        let first = over.saturating_sub(WINDOW) + 1;
        let held = self.places.iter().map(|place| place.load(Relaxed));
        let counted = held.filter(|held| (first..=over).contains(&(held >> COUNT_BITS)));
        let events: u64 = counted.map(|held| held & COUNT_MASK).sum();
        let seconds = over.min(WINDOW);
        if seconds == 0 {
            return 0.0;
        }
        events as f64 / seconds as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_minute_counts() {
        let rate = Rate::default();
        let at = |seconds: f64| Duration::from_secs_f64(seconds);
        let says = |seconds: f64, wanted: f64| {
            let rate = rate.per_second_at(at(seconds));
            assert!((rate - wanted).abs() < 1e-9, "{rate} at {seconds}");
        };
        rate.count_at(at(0.5));
        says(0.9, 0.0);
        rate.count_at(at(0.9));
        rate.count_at(at(1.5));
        // The second under way is left out.
        says(1.9, 2.0);
        says(2.0, 1.5);
        for second in 2..600 {
            rate.count_at(at(f64::from(second)));
            rate.count_at(at(f64::from(second) + 0.5));
        }
        says(600.0, 2.0);
        says(630.0, 1.0);
        says(700.0, 0.0);
    }
}
