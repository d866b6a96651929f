//! Exact search for the best assignment.
//!
//! 1. A spanning forest's dynamic programme gives a bound and, with a good plan in hand, rules
//!    out most places (`forest`, `first`).
//! 2. Where time is limited, chains and in-trees are solved by labels (`labels`); elsewhere time
//!    becomes money through Lagrange multipliers (`multipliers`), and so do volumes that leave a
//!    provider for nothing, for which whole groups of tasks are moved (`blocks`).
//! 3. Bucket elimination is the dynamic programme on trees and series-parallel graphs and a bound
//!    beyond them (`buckets`); branch and bound follows it to the proved optimum or to the limit
//!    of nodes, with the gap stated (`branch`).

mod blocks;
mod branch;
mod buckets;
mod clock;
mod first;
mod forest;
mod front;
mod labels;
pub(crate) mod meter;
mod multipliers;
pub(crate) mod problem;
mod reduced;
#[cfg(test)]
mod tests;
mod tighten;
pub(crate) mod together;

pub(crate) use front::front;

use branch::{Aim, Branch, Charged};
use buckets::{Buckets, LARGEST_BUCKET};
use problem::{NEVER, Problem, Solution};
use reduced::{Multipliers, Reduced};

/// Labels that a front may take.
const MOST_LABELS: usize = 1_000_000;
/// Entries of all tables of links that branch and bound may hold in memory; beyond it the bounds
/// have the last word.
const MOST_ENTRIES: usize = 1 << 22;
/// Spanning forests looked at before the buckets.
const FORESTS: usize = 6;
/// Passes over all links between two forests.
const SWEEPS: usize = 4;
/// Passes over all links before the buckets of a metered problem.
const LEVELLING: usize = 6;

/// What a search has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The best assignment, if any is allowed.
    pub best: Option<Solution>,
    /// No allowed assignment is better than this (micros or milliseconds, as was aimed for).
    pub bound: i64,
    /// Whether the best is proved to be the optimum, or that there is none.
    pub proved: bool,
    /// Nodes of the branch and bound.
    pub nodes: u64,
}

impl Outcome {
    fn nothing() -> Self {
        Self {
            best: None,
            bound: NEVER,
            proved: true,
            nodes: 0,
        }
    }
}

/// The cheapest assignment within the limits.
pub(crate) fn cheapest(problem: &Problem, limit: u64) -> Outcome {
    let mut reduced = labels::everything(problem);
    if reduced.is_dead() {
        return Outcome::nothing();
    }
    let (mut best, mut floor) = (first::gathered(problem, &reduced), 0);
    if best.is_none() {
        best = first::quickest(problem);
    }
    // Where volumes are free, these bounds see all of them as free; the multipliers' are better.
    let forests = if problem.meters.is_empty() {
        FORESTS
    } else {
        1
    };
    for round in 0..forests {
        if round > 0 {
            tighten::tighten(problem, &mut reduced, SWEEPS);
            if reduced.is_dead() {
                return settled(best);
            }
        }
        let verdict = forest::solve(problem, &reduced, round);
        floor = floor.max(verdict.bound);
        if verdict.bound > problem.budget || verdict.bound >= NEVER {
            return settled(best);
        }
        let picks = first::decode(
            problem,
            &reduced,
            &verdict.best,
            &Multipliers::none(problem),
        );
        best = first::better(best, first::improve(problem, picks));
        let most = best
            .as_ref()
            .map_or(problem.budget.saturating_add(1), |it| it.cost);
        prune(&mut reduced, &verdict.marginals, most);
        if floor >= most || reduced.is_dead() {
            return settled(best);
        }
        if verdict.whole {
            break;
        }
    }
    if problem.timed() || !problem.meters.is_empty() {
        return with_multipliers(problem, reduced, best, floor, limit);
    }
    branch(problem, Aim::Cost, &reduced, &[], best, floor, limit)
}

/// The best is the optimum, since nothing else is left.
fn settled(best: Option<Solution>) -> Outcome {
    best.map_or_else(Outcome::nothing, |best| {
        let bound = best.cost;
        Outcome {
            best: Some(best),
            bound,
            proved: true,
            nodes: 0,
        }
    })
}

fn prune(reduced: &mut Reduced, marginals: &[Vec<i64>], most: i64) {
    for (task, row) in marginals.iter().enumerate() {
        reduced.retain(task, |at| row[at] < most);
    }
}

fn with_multipliers(
    problem: &Problem,
    mut reduced: Reduced,
    best: Option<Solution>,
    floor: i64,
    limit: u64,
) -> Outcome {
    let found = multipliers::find(problem, &mut reduced, best);
    let floor = floor.max(found.bound);
    let best = found.best;
    if reduced.is_dead() || best.as_ref().is_some_and(|it| it.cost <= floor) {
        return settled(best);
    }
    if problem.timed() && labels::fits(problem) {
        let limits = labels::Limits {
            cost: best.as_ref().map_or(problem.budget, |it| it.cost - 1),
            time: problem.deadline,
            labels: MOST_LABELS,
        };
        match labels::front(problem, &reduced, limits) {
            Some(front) if front.is_empty() => return settled(best),
            Some(front) => {
                // The cheapest label is the optimum unless pools or meters take it away.
                let picks = &front[0];
                if let Some(solution) = problem.evaluate(picks)
                    && problem.surcharge(picks) == 0
                {
                    return settled(Some(solution));
                }
            }
            None => {}
        }
    }
    branch(
        problem,
        Aim::Cost,
        &reduced,
        &multipliers::around(problem, found.by),
        best,
        floor,
        limit,
    )
}

fn branch(
    problem: &Problem,
    aim: Aim,
    reduced: &Reduced,
    by: &[Multipliers],
    best: Option<Solution>,
    floor: i64,
    limit: u64,
) -> Outcome {
    if reduced.entries() > MOST_ENTRIES {
        let reached = best.as_ref().map_or(NEVER, |best| best.cost);
        let bound = if aim == Aim::Cost {
            floor.min(reached)
        } else {
            0
        };
        return Outcome {
            best,
            bound,
            proved: false,
            nodes: 0,
        };
    }
    let plain = Buckets::new(problem, reduced, None, LARGEST_BUCKET);
    let charged: Vec<(Reduced, Buckets, &Multipliers)> = by
        .iter()
        .map(|by| {
            let mut charged = Reduced::new(problem, by);
            charged.narrow_to(reduced);
            if !problem.meters.is_empty() {
                tighten::level(problem, &mut charged, LEVELLING);
            }
            let buckets = Buckets::new(problem, &charged, Some(&plain.order), LARGEST_BUCKET);
            (charged, buckets, by)
        })
        .collect();
    let mut floor = floor;
    if aim == Aim::Cost {
        // What is left costs at least this; what was ruled out costs at least the best known.
        let mut rest = plain.bound();
        for (_, buckets, by) in &charged {
            rest = rest.max(buckets.bound().saturating_sub(by.back));
        }
        floor = floor.max(rest);
    }
    let charged: Vec<Charged<'_>> = charged
        .iter()
        .map(|(reduced, buckets, by)| Charged {
            reduced,
            buckets,
            by,
        })
        .collect();
    let mut search = Branch::new(problem, aim, (reduced, &plain), &charged, limit);
    search.run(best);
    let reached = search.best.as_ref().map_or(NEVER, |best| match aim {
        Aim::Cost => best.cost,
        Aim::Makespan => best.makespan,
    });
    let proved = search.abandoned >= reached;
    // Floors hold for what is better than the best known, so they may lie above it.
    let bound = if proved {
        reached
    } else {
        search.abandoned.max(floor).min(reached)
    };
    Outcome {
        best: search.best,
        bound,
        proved,
        nodes: search.nodes,
    }
}

/// The assignment that ends first; among those, the cheapest.
pub(crate) fn fastest(problem: &Problem, limit: u64) -> Outcome {
    let reduced = labels::everything(problem);
    if reduced.is_dead() {
        return Outcome::nothing();
    }
    let known = first::quickest(problem);
    let quick = branch(problem, Aim::Makespan, &reduced, &[], known, 0, limit);
    let Some(best) = quick.best else { return quick };
    let mut within = problem.clone();
    within.deadline = best.makespan;
    let cheap = cheapest(&within, limit);
    Outcome {
        proved: quick.proved && cheap.proved,
        nodes: quick.nodes + cheap.nodes,
        bound: quick.bound,
        best: cheap.best.or(Some(best)),
    }
}
