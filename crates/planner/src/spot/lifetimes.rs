//! How long spot lasts and how long it stays away, learned from what was seen.
//!
//! Availability is a semi-Markov chain: the rate of change depends on how long the present state
//! has lasted. Rates by age are estimated from events and exposure, starting from a prior that
//! counts as a few hours of exposure in each age class, so that a short history moves them a
//! little and a long one replaces the prior. Arithmetic only, no `exp`: the same on every machine.

use domain::Span;

/// Age classes.
pub const AGES: usize = 12;

/// Age, in minutes, at which each class begins.
const STARTS: [i64; AGES] = [0, 10, 20, 30, 50, 80, 130, 210, 350, 590, 1090, 1990];

/// Hours of exposure in each class that the prior counts for.
const PRIOR_HOURS: f64 = 5.0;

/// Age that a state has already when watching begins: long states are met more often than short
/// ones, so it is not new.
pub const MET_AT: Span = Span(80 * 60_000);

/// Hours in a class without any event below which its rate is not trusted.
const FLOOR_HOURS: f64 = 0.2;

/// Least and most change probability of one step.
const PROBABILITY: (f64, f64) = (0.0005, 0.97);

/// Events and hours of exposure of one age class.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Class {
    /// Changes of state seen.
    pub events: f64,
    /// Hours in which one could have been seen.
    pub hours: f64,
}

/// What was seen of one state (available or not), by age.
pub type Classes = [Class; AGES];

/// Learned lifetimes of both states.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lifetimes {
    /// While spot is available: the event is its loss.
    pub up: Classes,
    /// While it is not: the event is its return.
    pub down: Classes,
}

/// Change rates per hour by age, for both states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Of losing spot.
    pub up: [f64; AGES],
    /// Of its return.
    pub down: [f64; AGES],
}

/// The age class for a state that has been seen to last this long.
pub fn class_of(age: Span) -> usize {
    let minutes = age.0 / 60_000;
    STARTS
        .iter()
        .rposition(|start| minutes >= *start)
        .unwrap_or(0)
}

/// Probability to have left the age class after a further step, given no change of state.
pub fn promotion(class: usize, step: Span) -> f64 {
    match (STARTS.get(class), STARTS.get(class + 1)) {
        (Some(start), Some(next)) => (step.0 as f64 / ((next - start) * 60_000) as f64).min(1.0),
        _ => 0.0,
    }
}

/// Probability of a change within one step at this rate per hour, kept off 0 and 1.
pub fn probability(rate: f64, step: Span) -> f64 {
    let expected = rate * step.0 as f64 / 3_600_000.0;
    // The inverse of the actuarial estimate in `observe`: exact for a step of the sampling gap.
    (expected / (1.0 + expected / 2.0)).clamp(PROBABILITY.0, PROBABILITY.1)
}

/// How long the last sample's state has lasted; zero for a change just seen, and more than seen for
/// a state that was there when watching began.
pub fn age(series: &[bool], gap: Span) -> Span {
    let same = match series.last() {
        Some(last) => series.iter().rev().take_while(|s| *s == last).count(),
        None => 0,
    };
    let steps = i64::try_from(same.saturating_sub(1)).unwrap_or(i64::MAX);
    let before = if same == series.len() { MET_AT.0 } else { 0 };
    Span(steps.saturating_mul(gap.0).saturating_add(before))
}

impl Lifetimes {
    /// Adds what one zone's samples show.
    pub fn observe(&mut self, series: &[bool], gap: Span) {
        let hours = gap.0 as f64 / 3_600_000.0;
        let mut lasted = MET_AT.0;
        for pair in series.windows(2) {
            let class = class_of(Span(lasted));
            let classes = if pair[0] {
                &mut self.up
            } else {
                &mut self.down
            };
            if pair[0] == pair[1] {
                classes[class].hours += hours;
                lasted += gap.0;
            } else {
                classes[class].events += 1.0;
                classes[class].hours += hours / 2.0;
                lasted = 0;
            }
        }
    }

    /// Rates by age, with the prior filling in for what was not seen.
    pub fn rates(&self, prior: &Rates) -> Rates {
        let blend = |seen: &Classes, prior: &[f64; AGES]| {
            std::array::from_fn(|age| {
                (seen[age].events + prior[age] * PRIOR_HOURS) / (seen[age].hours + PRIOR_HOURS)
            })
        };
        Rates {
            up: blend(&self.up, &prior.up),
            down: blend(&self.down, &prior.down),
        }
    }

    /// Events and hours of both states over all ages: spot there, and spot away.
    pub fn totals(&self) -> (Class, Class) {
        let sum = |classes: &Classes| Class {
            events: classes.iter().map(|class| class.events).sum(),
            hours: classes.iter().map(|class| class.hours).sum(),
        };
        (sum(&self.up), sum(&self.down))
    }

    /// Rates by age from these observations alone, to serve as a prior for others.
    pub fn as_prior(&self) -> Rates {
        let own = |seen: &Classes| {
            std::array::from_fn(|age| (seen[age].events + 0.02) / (seen[age].hours + FLOOR_HOURS))
        };
        Rates {
            up: own(&self.up),
            down: own(&self.down),
        }
    }
}

impl Rates {
    /// What to expect of a zone nobody has watched yet: rates fitted to the eight two-week traces
    /// that begin on 2022-10-26 (V100 and K80 in two zones of us-west-2) published with "Can't Be
    /// Late" at github.com/skypilot-org/spot-traces.
    pub const PUBLISHED: Self = Self {
        up: [
            2.43, 1.49, 1.06, 0.87, 0.61, 0.46, 0.27, 0.20, 0.18, 0.13, 0.078, 0.034,
        ],
        down: [
            3.70, 1.47, 1.03, 1.05, 0.68, 0.37, 0.29, 0.31, 0.15, 0.10, 0.064, 0.0090,
        ],
    };

    /// Mean time that spot still lasts at this age, at most `horizon`, by steps of `step`.
    pub fn remaining_life(&self, age: Span, horizon: Span, step: Span) -> Span {
        remaining(&self.up, age, horizon, step)
    }

    /// Mean rates per hour of losing spot and of its return for a state met when watching begins,
    /// ages left aside.
    pub fn overall(&self, horizon: Span, step: Span) -> (f64, f64) {
        let per_hour = |rates: &[f64; AGES]| {
            3_600_000.0 / remaining(rates, MET_AT, horizon, step).0.max(1) as f64
        };
        (per_hour(&self.up), per_hour(&self.down))
    }
}

fn remaining(rates: &[f64; AGES], age: Span, horizon: Span, step: Span) -> Span {
    let (mut kept, mut expected, mut ahead) = (1.0, 0.0, 0);
    while ahead < horizon.0 && kept > 0.001 {
        let part = step.0.min(horizon.0 - ahead);
        let class = class_of(Span(age.0.saturating_add(ahead)));
        let stays = 1.0 - probability(rates[class], Span(part));
        expected += part as f64 * kept * f64::midpoint(1.0, stays);
        kept *= stays;
        ahead += part;
    }
    Span(expected as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Span = Span(600_000);

    #[test]
    fn ages_fall_into_their_classes() {
        assert_eq!(class_of(Span(0)), 0);
        assert_eq!(class_of(Span(599_999)), 0);
        assert_eq!(class_of(GAP), 1);
        assert_eq!(class_of(Span(i64::MAX)), AGES - 1);
        assert_eq!(age(&[false, true, true, true], GAP), Span(1_200_000));
        assert_eq!(age(&[true, true], GAP), Span(MET_AT.0 + GAP.0));
        assert_eq!(age(&[], GAP), MET_AT);
    }

    #[test]
    fn the_rate_of_a_fair_coin_is_found_again() {
        let mut seen = Lifetimes::default();
        // Alternating pairs: a state of age 0 changes every second time.
        let series: Vec<bool> = (0..4000).map(|i| (i / 2) % 2 == 0).collect();
        seen.observe(&series, GAP);
        let rates = seen.as_prior();
        assert!(probability(rates.up[0], GAP) < 0.001);
        assert!(probability(rates.up[1], GAP) > 0.9);
    }

    #[test]
    fn a_long_history_replaces_the_prior() {
        let mut seen = Lifetimes::default();
        seen.observe(&vec![true; 20_000], GAP);
        let rates = seen.rates(&Rates::PUBLISHED);
        assert!(rates.up[AGES - 1] < Rates::PUBLISHED.up[AGES - 1] / 50.0);
        assert!((rates.down[3] - Rates::PUBLISHED.down[3]).abs() < 1e-9);
    }

    #[test]
    fn remaining_life_is_bounded_and_grows_with_age() {
        let life = |age| {
            Rates::PUBLISHED
                .remaining_life(Span(age), Span(86_400_000), GAP)
                .0
        };
        assert!(life(0) > 0 && life(0) < life(36_000_000));
        assert!(life(i64::MAX / 2) <= 86_400_000);
    }
}
