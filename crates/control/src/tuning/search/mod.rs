//! The search algorithms: pure, and seeded by their arguments only. A proposal is made of the seed,
//! the trial's number and what was seen so far.

mod bayesian;
pub mod early;
mod gaussian;
mod grid;
pub mod hyperband;
pub mod random;
pub mod space;

use domain::tuning::{Strategy, TuningSpec};
use random::Random;
use std::collections::BTreeMap;

pub use grid::combinations;

/// How often a proposal that was made before is made anew.
const ATTEMPTS: u32 = 64;

/// What a proposal looks at.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Points with their objectives, larger is better, in the order of their trials.
    pub seen: Vec<(Vec<f64>, f64)>,
    /// Points under way.
    pub pending: Vec<Vec<f64>>,
    /// The values of all trials so far.
    pub taken: Vec<BTreeMap<String, String>>,
}

/// The values of the trial of a number, counted from 1; `None` when there is nothing left.
pub fn propose(
    spec: &TuningSpec,
    number: u32,
    history: &History,
) -> Option<BTreeMap<String, String>> {
    let mut random = Random::new(spec.seed, u64::from(number));
    if spec.strategy == Strategy::Grid {
        return grid::nth(&spec.space, number - 1);
    }
    let mut proposed = BTreeMap::new();
    for _ in 0..ATTEMPTS {
        let point = match spec.strategy {
            Strategy::Bayesian => bayesian::propose(spec, number, history, &mut random),
            _ => space::random_point(&spec.space, &mut random),
        };
        proposed = space::values(&spec.space, &point);
        if !history.taken.contains(&proposed) {
            break;
        }
        // A point that was tried is tried again only when chance gives no other one either.
        let point = space::random_point(&spec.space, &mut random);
        proposed = space::values(&spec.space, &point);
        if !history.taken.contains(&proposed) {
            break;
        }
    }
    Some(proposed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::metric::Finite;
    use domain::tuning::{Dimension, Goal, Range, Scale};

    fn finite(value: f64) -> Finite {
        Finite::new(value).unwrap()
    }

    fn spec(strategy: Strategy, seed: u64) -> TuningSpec {
        let space = vec![
            Dimension {
                name: "x".into(),
                range: Range::Continuous {
                    min: finite(-5.0),
                    max: finite(5.0),
                    scale: Scale::Linear,
                },
            },
            Dimension {
                name: "rate".into(),
                range: Range::Continuous {
                    min: finite(1e-5),
                    max: finite(1.0),
                    scale: Scale::Logarithmic,
                },
            },
            Dimension {
                name: "kind".into(),
                range: Range::Categorical {
                    values: vec!["good".into(), "bad".into(), "worse".into()],
                },
            },
        ];
        TuningSpec {
            space,
            metric: "m".into(),
            goal: Goal::Maximize,
            strategy,
            trials: 40,
            parallel: 1,
            stop_early: false,
            longest: None,
            target: None,
            not_improving: None,
            seed,
            prior: vec![],
        }
    }

    /// Best at x = 2, rate = 1e-3, kind = good, where it is 0.
    fn objective(values: &BTreeMap<String, String>) -> f64 {
        let number = |name: &str| values[name].parse::<f64>().unwrap();
        let kind = match values["kind"].as_str() {
            "good" => 0.0,
            "bad" => 3.0,
            _ => 6.0,
        };
        let (x, rate) = (number("x") - 2.0, number("rate").log10() + 3.0);
        -(x * x + rate * rate + kind)
    }

    fn search(strategy: Strategy, seed: u64, trials: u32) -> (f64, Vec<BTreeMap<String, String>>) {
        let spec = spec(strategy, seed);
        let (mut history, mut best) = (History::default(), f64::NEG_INFINITY);
        for number in 1..=trials {
            let values = propose(&spec, number, &history).unwrap();
            let value = objective(&values);
            best = best.max(value);
            let point = space::point(&spec.space, &values).unwrap();
            history.seen.push((point, value));
            history.taken.push(values);
        }
        (best, history.taken)
    }

    #[test]
    fn equal_seeds_propose_equally() {
        for strategy in [Strategy::Random, Strategy::Bayesian] {
            assert_eq!(search(strategy, 7, 12), search(strategy, 7, 12));
            assert_ne!(search(strategy, 7, 3).1, search(strategy, 8, 3).1);
        }
    }

    #[test]
    fn a_gaussian_process_finds_what_chance_does_not() {
        let seeds = 0..8_u64;
        let bests = |strategy| {
            let mut bests: Vec<f64> = seeds
                .clone()
                .map(|seed| search(strategy, seed, 30).0)
                .collect();
            bests.sort_by(f64::total_cmp);
            bests
        };
        let (chance, model) = (bests(Strategy::Random), bests(Strategy::Bayesian));
        let middle = model.len() / 2;
        assert!(model[middle] > -0.1, "{model:?}");
        assert!(model[middle] > chance[middle], "{model:?} {chance:?}");
        assert!(
            model[0] > -1.0,
            "not even the worst seed is lost: {model:?}"
        );
    }

    #[test]
    fn small_spaces_are_tried_without_repetition() {
        let mut spec = spec(Strategy::Bayesian, 1);
        spec.space.truncate(0);
        spec.space.push(Dimension {
            name: "n".into(),
            range: Range::Integer {
                min: 1,
                max: 6,
                scale: Scale::Linear,
            },
        });
        let mut history = History::default();
        for number in 1..=6 {
            let values = propose(&spec, number, &history).unwrap();
            assert!(!history.taken.contains(&values), "{values:?} twice");
            let point = space::point(&spec.space, &values).unwrap();
            history.seen.push((point, 0.0));
            history.taken.push(values);
        }
    }
}
