//! The front of cost against time.
//!
//! On chains and in-trees it comes out of one dynamic program. On other graphs deadlines are put
//! one after the other, each answered by an exact search (the ε-constraint method: Haimes, Lasdon
//! and Wismer, 1971): between two known points either just before the slower one's end, which gives
//! its neighbour, or half-way. What is left between points when the searches are used up is a box
//! that holds all plans that may be missing, and its size is the gap that the front states.

use super::problem::{Problem, Solution};
use super::{MOST_LABELS, cheapest, fastest, labels};

/// Searches that a front may take besides those for its ends; together they may look at as many
/// nodes as one of those.
const SEARCHES: usize = 40;

/// A front as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Cheapest first, each next one faster, with whether nothing as fast is cheaper by proof.
    pub points: Vec<(Solution, bool)>,
    /// Of every plan that is missing, some point is by no more than this share of itself
    /// (hundredths of a per cent) dearer and by no more than this slower. Zero when none is missing.
    pub gap: u64,
}

/// Where plans may be missing: cost within `cost.0..cost.1`, time strictly within `time`.
#[derive(Debug, Clone, Copy)]
struct Open {
    cost: (i64, i64),
    time: (i64, i64),
    halve: bool,
}

/// A share in hundredths of a per cent, rounded up.
fn share(part: i64, of: i64) -> u64 {
    let share =
        (i128::from(part.max(0)) * 10_000 + i128::from(of.max(1)) - 1) / i128::from(of.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

impl Open {
    fn gap(&self) -> u64 {
        let cheaper = share(self.cost.1 - self.cost.0, self.cost.1);
        let faster = share(self.time.1 - self.time.0 - 1, self.time.1);
        cheaper.min(faster)
    }
}

/// The front of cost against time.
pub(crate) fn front(problem: &Problem, limit: u64) -> Found {
    let reduced = labels::everything(problem);
    if reduced.is_dead() {
        return Found::default();
    }
    if labels::fits(problem) && problem.pools.is_empty() && problem.meters.is_empty() {
        let limits = labels::Limits {
            cost: problem.budget,
            time: problem.deadline,
            labels: MOST_LABELS,
        };
        if let Some(found) = labels::front(problem, &reduced, limits) {
            let solutions = found.iter().filter_map(|picks| problem.evaluate(picks));
            return Found {
                points: solutions.map(|solution| (solution, true)).collect(),
                gap: 0,
            };
        }
    }
    by_deadlines(problem, limit)
}

struct Search<'a> {
    problem: &'a Problem,
    limit: u64,
    points: Vec<(Solution, bool)>,
    open: Vec<Open>,
    /// The worst gap that no further search narrows.
    settled: u64,
}

fn by_deadlines(problem: &Problem, limit: u64) -> Found {
    let (cheap, fast) = (cheapest(problem, limit), fastest(problem, limit));
    let nothing = cheap.best.is_none() && cheap.proved;
    let (Some(low), Some(quick)) = (cheap.best, fast.best) else {
        return Found {
            points: Vec::new(),
            gap: if nothing { 0 } else { u64::MAX },
        };
    };
    let mut state = Search {
        problem,
        limit: limit / SEARCHES as u64,
        open: vec![Open {
            cost: (cheap.bound.min(low.cost), quick.cost),
            time: (quick.makespan, low.makespan),
            halve: false,
        }],
        settled: share(low.cost - cheap.bound, low.cost),
        points: vec![(low, cheap.proved)],
    };
    if !fast.proved {
        // What ends sooner than the fastest that is known may be cheaper, too.
        let sooner = share(quick.makespan - fast.bound, quick.makespan);
        let cheaper = share(quick.cost - cheap.bound, quick.cost);
        state.settled = state.settled.max(sooner).max(cheaper);
    }
    state.points.push((quick, fast.proved));
    for _ in 0..SEARCHES {
        state.open.retain(|open| open.gap() > 0);
        let widest = (0..state.open.len()).max_by_key(|&at| (state.open[at].gap(), at));
        let Some(at) = widest else { break };
        let open = state.open.swap_remove(at);
        state.narrow(open);
    }
    state.told()
}

impl Search<'_> {
    /// Answers one deadline within an open box, and leaves open what may still be missing there.
    fn narrow(&mut self, open: Open) {
        let deadline = if open.halve {
            open.time.0 + (open.time.1 - open.time.0) / 2
        } else {
            open.time.1 - 1
        };
        let mut within = self.problem.clone();
        within.deadline = deadline;
        let outcome = cheapest(&within, self.limit);
        let best = outcome.best.filter(|best| best.cost < open.cost.1);
        let reached = best.as_ref().map_or(open.cost.1, |best| best.cost);
        // What is later than the deadline must be cheaper than what keeps it.
        self.open.push(Open {
            cost: (open.cost.0, reached),
            time: (deadline, open.time.1),
            halve: !open.halve,
        });
        if !outcome.proved {
            self.settled = self.settled.max(share(reached - outcome.bound, reached));
        }
        let Some(best) = best else { return };
        self.open.push(Open {
            cost: (outcome.bound.min(best.cost), open.cost.1),
            time: (open.time.0, best.makespan),
            halve: !open.halve,
        });
        self.points.push((best, outcome.proved));
    }

    fn told(mut self) -> Found {
        let open = self.open.iter().map(Open::gap).max().unwrap_or(0);
        self.points
            .sort_by_key(|(point, proved)| (point.cost, point.makespan, !proved));
        let mut points: Vec<(Solution, bool)> = Vec::new();
        for (point, proved) in self.points {
            let last = points.last();
            if last.is_none_or(|(last, _)| point.makespan < last.makespan) {
                points.push((point, proved));
            }
        }
        Found {
            points,
            gap: open.max(self.settled),
        }
    }
}
