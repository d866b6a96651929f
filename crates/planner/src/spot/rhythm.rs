//! Whether spot comes and goes with the hour of the day.
//!
//! Each four-hour block of the day has a factor on the rates of loss and return: events seen in it
//! against events expected from the rates by age, drawn to one by a prior of many events. Two days
//! of history leave the factors near one; weeks of a strong pattern show.

use super::lifetimes::{MET_AT, Rates, class_of};
use domain::Span;

/// Blocks of a day.
pub const BLOCKS: usize = 6;

/// Length of a day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Events, as expected by age alone, that stand behind a factor of one.
const PRIOR_EVENTS: f64 = 40.0;

/// Factors on the rates by time of day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// On the rate of losing spot.
    pub up: [f64; BLOCKS],
    /// On the rate of its return.
    pub down: [f64; BLOCKS],
}

/// The block of the day at this time since any midnight.
pub fn block_of(clock: Span) -> usize {
    let blocks = BLOCKS.cast_signed() as i64;
    usize::try_from(clock.0.rem_euclid(DAY) / (DAY / blocks)).unwrap_or(0)
}

impl Rhythm {
    /// No dependence on the hour.
    pub const FLAT: Self = Self {
        up: [1.0; BLOCKS],
        down: [1.0; BLOCKS],
    };

    /// Learns the factors from zones' samples, the first of which was taken at `clock`.
    pub fn learn(zones: &[Vec<bool>], gap: Span, clock: Span, rates: &Rates) -> Self {
        let hours = gap.0 as f64 / 3_600_000.0;
        let (mut seen, mut expected) = ([[0.0; BLOCKS]; 2], [[0.0; BLOCKS]; 2]);
        for series in zones {
            let (mut lasted, mut now) = (MET_AT.0, clock.0.rem_euclid(DAY));
            for pair in series.windows(2) {
                let block = block_of(Span(now));
                let class = class_of(Span(lasted));
                let (state, rate) = if pair[0] {
                    (0, rates.up[class])
                } else {
                    (1, rates.down[class])
                };
                if pair[0] == pair[1] {
                    expected[state][block] += rate * hours;
                    lasted += gap.0;
                } else {
                    expected[state][block] += rate * hours / 2.0;
                    seen[state][block] += 1.0;
                    lasted = 0;
                }
                now = (now + gap.0) % DAY;
            }
        }
        let factors = |state: usize| {
            std::array::from_fn(|block| {
                let factor =
                    (seen[state][block] + PRIOR_EVENTS) / (expected[state][block] + PRIOR_EVENTS);
                factor.clamp(0.25, 4.0)
            })
        };
        Self {
            up: factors(0),
            down: factors(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daily_pattern_is_found_and_noise_is_not() {
        let gap = Span(600_000);
        // Thirty days: flapping from midnight to four, else available.
        let daily: Vec<bool> = (0..30 * 144).map(|i| i % 144 >= 24 || i % 2 == 0).collect();
        let rhythm = Rhythm::learn(&[daily], gap, Span(0), &Rates::PUBLISHED);
        assert!(rhythm.up[0] > 2.0 * rhythm.up[3], "{rhythm:?}");
        let short = vec![vec![true; 200]];
        let rhythm = Rhythm::learn(&short, gap, Span(0), &Rates::PUBLISHED);
        assert!(
            rhythm.up.iter().all(|f| (0.8..1.2).contains(f)),
            "{rhythm:?}"
        );
    }

    #[test]
    fn blocks_cover_the_day() {
        assert_eq!(block_of(Span(0)), 0);
        assert_eq!(block_of(Span(DAY - 1)), BLOCKS - 1);
        assert_eq!(block_of(Span(-1)), BLOCKS - 1);
        assert_eq!(block_of(Span(DAY)), 0);
    }
}
