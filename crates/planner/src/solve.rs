//! One question, from offers to a solution.

use crate::ask::Ask;
use crate::compose::{Composed, is_timed, placed};
use crate::pools::Pools;
use crate::question::{Objective, Question};
use crate::relax::Relaxed;
use crate::search::problem::Solution;
use crate::search::{self, Outcome};
use crate::shortlist::{Scan, Shortlist, scan};

/// Everything that answering a question has brought to light.
pub(crate) struct Solved {
    /// By workload.
    pub lists: Vec<Shortlist>,
    /// The problem that was searched.
    pub composed: Composed,
    /// What the search found.
    pub outcome: Outcome,
}

/// Scans the market for a workload under relaxations.
pub(crate) fn shortlist(
    asks: &[Ask<'_>],
    pools: &Pools,
    (task, is_placed): (usize, bool),
    relaxed: &Relaxed,
) -> Shortlist {
    let question = asks[task].question;
    let settings = Scan {
        relaxed: relaxed.rules.get(&task).copied().unwrap_or(0),
        timed: is_timed(question, relaxed),
        placed: is_placed,
    };
    scan(&asks[task], pools, settings)
}

/// Scans the market for every workload; equal ones are scanned once.
pub(crate) fn shortlists(asks: &[Ask<'_>], pools: &Pools, relaxed: &Relaxed) -> Vec<Shortlist> {
    let Some(first) = asks.first() else {
        return Vec::new();
    };
    let placed = placed(first.question);
    let mut lists: Vec<Shortlist> = Vec::with_capacity(asks.len());
    // The first of its kind each; the latest kind is the likeliest.
    let mut kinds: Vec<usize> = Vec::new();
    for task in 0..asks.len() {
        let twin = kinds
            .iter()
            .rev()
            .find(|&&other| placed[other] == placed[task] && are_twins(asks, other, task, relaxed));
        let list = if let Some(&other) = twin {
            lists[other].clone()
        } else {
            kinds.push(task);
            shortlist(asks, pools, (task, placed[task]), relaxed)
        };
        lists.push(list);
    }
    lists
}

/// Whether two workloads ask for the same in all that a scan looks at, besides whether data moves.
fn are_twins(asks: &[Ask<'_>], one: usize, other: usize, relaxed: &Relaxed) -> bool {
    let (a, b) = (&asks[one], &asks[other]);
    let question = a.question;
    let same_name = |of: usize| crate::question::Workload {
        name: String::new(),
        ..question.workloads[of].clone()
    };
    same_name(one) == same_name(other)
        && (&a.compute, &a.data, &a.egress) == (&b.compute, &b.data, &b.egress)
        && relaxed.rules.get(&one) == relaxed.rules.get(&other)
}

/// Searches for the best plan over the shortlists.
pub(crate) fn solve(
    question: &Question,
    lists: Vec<Shortlist>,
    pools: &Pools,
    relaxed: &Relaxed,
) -> Solved {
    let composed = Composed::new(question, &lists, pools, relaxed);
    let limit = question.settings.node_limit;
    let outcome = match question.objective {
        Objective::Time => search::fastest(&composed.problem, limit),
        Objective::Cost | Objective::CostWithin { .. } => {
            search::cheapest(&composed.problem, limit)
        }
    };
    Solved {
        lists,
        composed,
        outcome,
    }
}

impl Solved {
    /// The best solution and, for each workload, the way it takes.
    pub(crate) fn best(&self) -> Option<(&Solution, Vec<usize>)> {
        let best = self.outcome.best.as_ref()?;
        let ways = (0..best.picks.len())
            .map(|task| self.composed.problem.pick(&best.picks, task).token as usize)
            .collect();
        Some((best, ways))
    }
}
