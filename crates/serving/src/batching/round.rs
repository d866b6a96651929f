//! Who is here, and whether a batch waits for them.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A prediction that takes less is not worth waiting for company: the runtime's timers count whole
/// milliseconds, so a wait of a quarter of it that is in vain would cost more than the prediction.
const WORTH_WAITING: Duration = Duration::from_millis(1);
/// Waiting that was in vain so often in a row is left out in 255 of 256 batches.
const MOST_FAILURES: u32 = 8;

/// Who is here.
pub(super) struct Round {
    /// To compute: one at a time.
    pub(super) turn: Semaphore,
    /// Calls that are inside now.
    present: AtomicUsize,
    /// The most of them since a batch began the last time.
    greatest: AtomicUsize,
    /// Of the round before that.
    expected: AtomicUsize,
}

impl Round {
    /// Nobody is here.
    pub(super) fn new() -> Self {
        Self {
            turn: Semaphore::new(1),
            present: AtomicUsize::new(0),
            greatest: AtomicUsize::new(0),
            expected: AtomicUsize::new(0),
        }
    }

    /// Whether nobody else is here, nor was in the last round.
    pub(super) fn is_lonely(&self) -> bool {
        self.present.load(Relaxed) <= 1 && self.expected.load(Relaxed) <= 1
    }

    /// A call comes in; it goes when this is dropped.
    pub(super) fn enter(&self) -> Presence<'_> {
        let present = self.present.fetch_add(1, Relaxed) + 1;
        self.greatest.fetch_max(present, Relaxed);
        Presence(self)
    }

    /// A batch begins: how many calls the last round had at most.
    pub(super) fn turn_over(&self) -> usize {
        let present = self.present.load(Relaxed);
        let expected = self.greatest.swap(present, Relaxed);
        self.expected.store(expected, Relaxed);
        expected
    }
}

/// Being inside.
pub(super) struct Presence<'a>(&'a Round);

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.0.present.fetch_sub(1, Relaxed);
    }
}

/// Whether, and how long, a batch waits for those who were here before.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// How long the last batch took.
    pub(super) took: Duration,
    /// How often in a row waiting was in vain.
    failures: u32,
    /// Batches that do not wait any more.
    skipped: u32,
}

impl Patience {
    /// How long a batch of so many calls waits for the expected number.
    pub(super) fn with(&mut self, present: usize, expected: usize) -> Option<Duration> {
        if present >= expected || self.took < WORTH_WAITING {
            return None;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return None;
        }
        Some(self.took / 4)
    }

    /// Hears whether they came.
    pub(super) fn learn(&mut self, came: bool) {
        if came {
            self.failures = 0;
            return;
        }
        self.failures = (self.failures + 1).min(MOST_FAILURES);
        self.skipped = (1 << self.failures) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_that_is_in_vain_is_given_up_and_tried_again() {
        let mut patience = Patience {
            took: Duration::from_millis(4),
            ..Patience::default()
        };
        assert_eq!(patience.with(8, 8), None);
        assert_eq!(patience.with(4, 8), Some(Duration::from_millis(1)));
        patience.learn(false);
        assert_eq!(patience.with(4, 8), None);
        assert!(patience.with(4, 8).is_some());
        for _ in 0..20 {
            patience.learn(false);
        }
        let skipped = std::iter::repeat_with(|| patience.with(4, 8));
        assert_eq!(skipped.take_while(Option::is_none).count(), 255);
        patience.learn(true);
        assert!(patience.with(4, 8).is_some());
        patience.took = Duration::from_micros(100);
        assert_eq!(patience.with(4, 8), None);
    }

    #[test]
    fn a_round_knows_how_many_were_there_in_the_last() {
        let round = Round::new();
        let some = [round.enter(), round.enter(), round.enter()];
        assert_eq!(round.turn_over(), 3);
        drop(some);
        assert_eq!(round.turn_over(), 3);
        let one = round.enter();
        assert_eq!(round.turn_over(), 1);
        drop(one);
        assert_eq!(round.turn_over(), 1);
    }
}
