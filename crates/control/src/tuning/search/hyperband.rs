//! Hyperband by asynchronous halving: trials of a bracket meet at rungs of reports, each rung three
//! times as far as the one before, and only the better third goes on
//! (<https://arxiv.org/abs/1603.06560>, <https://arxiv.org/abs/1810.05934>).

use domain::tuning::Goal;

/// Of how many trials one goes on.
const ETA: u32 = 3;

/// The rungs of the bracket of a trial's number, counted from 1: numbers of reports.
pub fn rungs(number: u32, min: u32, max: u32) -> Vec<u32> {
    let most = brackets(min, max);
    // The most eager bracket has the most trials, three times as many as the next one.
    let weights: Vec<u32> = (0..most)
        .map(|bracket| ETA.saturating_pow(most - 1 - bracket))
        .collect();
    let all: u32 = weights
        .iter()
        .fold(0, |sum: u32, weight| sum.saturating_add(*weight));
    let mut place = (number - 1) % all.max(1);
    let mut bracket = 0;
    for (index, weight) in weights.iter().enumerate() {
        if place < *weight {
            bracket = index as u32;
            break;
        }
        place -= weight;
    }
    let mut rungs = Vec::new();
    let mut at = min.max(1).saturating_mul(ETA.saturating_pow(bracket));
    while at < max {
        rungs.push(at);
        at = at.saturating_mul(ETA);
    }
    rungs
}

/// How many brackets there are.
fn brackets(min: u32, max: u32) -> u32 {
    let (mut count, mut at) = (1, min.max(1));
    while at.saturating_mul(ETA) <= max {
        at *= ETA;
        count += 1;
    }
    count
}

/// Whether a trial is stopped at the last rung that it has reached: when at least three of its
/// bracket came there, and it is not of the better third.
pub fn is_out(goal: Goal, rungs: &[u32], reports: &[f64], others: &[Vec<f64>]) -> bool {
    let reached = rungs
        .iter()
        .rev()
        .find(|rung| reports.len() >= **rung as usize);
    let Some(rung) = reached else {
        return false;
    };
    let at = *rung as usize - 1;
    let own = reports[at];
    let rivals = others.iter().filter_map(|other| other.get(at));
    let (mut count, mut better) = (1_usize, 0_usize);
    for rival in rivals {
        count += 1;
        if goal.is_better(*rival, own) {
            better += 1;
        }
    }
    count >= ETA as usize && better >= count / ETA as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_begin_at_farther_rungs() {
        assert_eq!(rungs(1, 1, 27), [1, 3, 9]);
        let all: Vec<Vec<u32>> = (1..=40).map(|number| rungs(number, 1, 27)).collect();
        let with = |first: Option<u32>| all.iter().filter(|r| r.first().copied() == first).count();
        assert_eq!(
            (with(Some(1)), with(Some(3)), with(Some(9)), with(None)),
            (27, 9, 3, 1)
        );
        assert_eq!(rungs(1, 5, 5), Vec::<u32>::new());
    }

    #[test]
    fn the_better_third_goes_on() {
        let others: Vec<Vec<f64>> = [0.9, 0.5, 0.4, 0.3, 0.2].iter().map(|v| vec![*v]).collect();
        let out = |own: f64| is_out(Goal::Maximize, &[1, 3], &[own], &others);
        assert!(!out(0.95));
        assert!(!out(0.6), "second of six");
        assert!(out(0.45), "third of six");
        assert!(
            !is_out(Goal::Maximize, &[1], &[0.0], &others[..1]),
            "too few came here"
        );
        assert!(
            !is_out(Goal::Maximize, &[3], &[0.0], &others),
            "no rung yet"
        );
    }
}
