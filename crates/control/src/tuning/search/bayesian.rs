//! Bayesian optimisation: a Gaussian process over what was seen, and the point of which the most is
//! to be expected. Points under way count as seen with what the process expects there, so that
//! trials at once are not all the same.

use super::History;
use super::gaussian::Process;
use super::random::Random;
use super::space;
use domain::tuning::TuningSpec;

/// Points by chance that are looked at.
const CANDIDATES: usize = 600;
/// Points near the best that are looked at.
const NEIGHBOURS: usize = 300;
/// Most observations that a process is fitted to: the newest, and the best.
const MOST_SEEN: usize = 150;
/// Bases of the sequence that the first points come from (Halton).
const PRIMES: &[u32] = &[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

pub(super) fn propose(
    spec: &TuningSpec,
    number: u32,
    history: &History,
    random: &mut Random,
) -> Vec<f64> {
    let width = space::width(&spec.space);
    let first = (spec.space.len() + 2).max(3);
    if history.seen.len() < first {
        return spread(spec, number, width);
    }
    let seen = recent(history);
    let mut points: Vec<Vec<f64>> = seen.iter().map(|(point, _)| point.clone()).collect();
    let mut values: Vec<f64> = seen.iter().map(|(_, value)| *value).collect();
    let Some(mut process) = Process::fit(&points, &values) else {
        return spread(spec, number, width);
    };
    if !history.pending.is_empty() {
        for point in &history.pending {
            values.push(process.predict(point).0);
            points.push(point.clone());
        }
        if let Some(fitted) = Process::fit(&points, &values) {
            process = fitted;
        }
    }
    let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let top = points
        .iter()
        .zip(&values)
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map(|(point, _)| point.clone())
        .unwrap_or_default();
    let mut chosen = (f64::NEG_INFINITY, space::random_point(&spec.space, random));
    for index in 0..CANDIDATES + NEIGHBOURS {
        let raw = if index < CANDIDATES {
            space::random_point(&spec.space, random)
        } else {
            near(&top, random)
        };
        // Looked at as what it would be tried as.
        let values = space::values(&spec.space, &raw);
        let Some(point) = space::point(&spec.space, &values) else {
            continue;
        };
        if history.taken.contains(&values) {
            continue;
        }
        let expected = process.expected_improvement(&point, best);
        if expected > chosen.0 {
            chosen = (expected, point);
        }
    }
    chosen.1
}

/// The newest observations, and the best of the others.
fn recent(history: &History) -> Vec<(Vec<f64>, f64)> {
    if history.seen.len() <= MOST_SEEN {
        return history.seen.clone();
    }
    let split = history.seen.len() - MOST_SEEN * 2 / 3;
    let (old, new) = history.seen.split_at(split);
    let mut old = old.to_vec();
    old.sort_by(|a, b| b.1.total_cmp(&a.1));
    old.truncate(MOST_SEEN / 3);
    old.extend_from_slice(new);
    old
}

fn near(point: &[f64], random: &mut Random) -> Vec<f64> {
    let reach = if random.unit() < 0.5 { 0.05 } else { 0.2 };
    let moved = point
        .iter()
        .map(|at| (at + random.normal() * reach).clamp(0.0, 1.0));
    moved.collect()
}

/// The first points: a sequence that fills the space evenly, moved by the seed.
fn spread(spec: &TuningSpec, number: u32, width: usize) -> Vec<f64> {
    let mut shift = Random::new(spec.seed, u64::MAX);
    let at = |index: usize, shift: f64| {
        let base = PRIMES[index % PRIMES.len()];
        let offset = (index / PRIMES.len()) as u32 * 31;
        (radical(number + offset, base) + shift).fract()
    };
    (0..width).map(|index| at(index, shift.unit())).collect()
}

fn radical(mut number: u32, base: u32) -> f64 {
    let (mut value, mut part) = (0.0, 1.0);
    while number > 0 {
        part /= f64::from(base);
        value += f64::from(number % base) * part;
        number /= base;
    }
    value
}
