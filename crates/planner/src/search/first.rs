//! Good plans before the search: the better the first plan, the more of the search is left out.

use super::problem::{Ends, NEVER, Problem, Solution, plus};
use super::reduced::{Multipliers, Reduced, charge};

/// Sweeps over all tasks before a local improvement gives up.
const SWEEPS: usize = 8;

/// The better of two plans; the first when they cost the same.
pub(crate) fn better(one: Option<Solution>, other: Option<Solution>) -> Option<Solution> {
    match (one, other) {
        (Some(one), Some(other)) if other.cost < one.cost => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

/// The cheapest choice (time charged) at a place of a task.
pub(crate) fn cheapest_at(problem: &Problem, task: usize, place: u16, rate: i64) -> Option<usize> {
    let choices = problem.tasks[task].choices.iter().enumerate();
    choices
        .filter(|(_, choice)| choice.place == place)
        .min_by_key(|(index, choice)| {
            (
                plus(choice.cost, charge(rate, choice.time)),
                choice.time,
                *index,
            )
        })
        .map(|(index, _)| index)
}

/// Choices for the best places a bound has found.
pub(crate) fn decode(
    problem: &Problem,
    reduced: &Reduced,
    best: &[usize],
    by: &Multipliers,
) -> Vec<usize> {
    (0..problem.tasks.len())
        .map(|task| {
            let place = reduced.places[task].get(best[task]).copied().unwrap_or(0);
            cheapest_at(problem, task, place, by.tasks[task]).unwrap_or(0)
        })
        .collect()
}

/// Everything at one place, for the few places where that is cheapest.
pub(crate) fn gathered(problem: &Problem, reduced: &Reduced) -> Option<Solution> {
    let mut sums = vec![0_i64; problem.places];
    for (places, unary) in reduced.places.iter().zip(&reduced.unary) {
        let mut here = vec![NEVER; problem.places];
        for (&place, &least) in places.iter().zip(unary) {
            here[usize::from(place)] = least;
        }
        for (sum, least) in sums.iter_mut().zip(here) {
            *sum = plus(*sum, least);
        }
    }
    for (place, sum) in sums.iter_mut().enumerate() {
        for join in &reduced.joins {
            *sum = plus(*sum, join.costs[problem.card(place as u16, place as u16)]);
        }
    }
    let mut order: Vec<usize> = (0..problem.places).filter(|&at| sums[at] < NEVER).collect();
    order.sort_by_key(|&place| (sums[place], place));
    let mut best = None;
    for &place in order.iter().take(3) {
        let picks: Option<Vec<usize>> = (0..problem.tasks.len())
            .map(|task| cheapest_at(problem, task, place as u16, 0))
            .collect();
        best = better(best, picks.and_then(|picks| improve(problem, picks)));
    }
    best
}

/// The quickest choices everywhere, then everything moved to where that pays.
pub(crate) fn quickest(problem: &Problem) -> Option<Solution> {
    let picks: Vec<usize> = problem
        .tasks
        .iter()
        .map(|task| {
            let choices = task.choices.iter().enumerate();
            choices
                .min_by_key(|(_, it)| (it.time, it.cost))
                .map_or(0, |(index, _)| index)
        })
        .collect();
    let home = problem
        .tasks
        .first()
        .map(|task| task.choices.get(picks[0]).map(|it| it.place));
    let beside: Option<Vec<usize>> = home.flatten().and_then(|place| {
        (0..problem.tasks.len())
            .map(|task| cheapest_at(problem, task, place, 1 << 40))
            .collect()
    });
    let together = beside.and_then(|picks| improve(problem, picks));
    better(
        problem
            .evaluate(&picks)
            .and_then(|it| improve(problem, it.picks)),
        together,
    )
}

/// What one task and the flows that touch it cost.
fn local(problem: &Problem, picks: &[usize], task: usize) -> i64 {
    let mut sum = problem.pick(picks, task).cost;
    let together = &problem.together;
    for &index in together.flows_in[task]
        .iter()
        .chain(&together.flows_out[task])
    {
        let flow = &problem.flows[index];
        sum = plus(sum, flow.costs[problem.card_of(flow, picks)]);
    }
    sum
}

/// Changes one task at a time while that makes the plan cheaper and keeps it allowed; `None` when
/// the assignment is not allowed to begin with.
pub(crate) fn improve(problem: &Problem, mut picks: Vec<usize>) -> Option<Solution> {
    let mut best = problem.evaluate(&picks)?;
    for _ in 0..SWEEPS {
        let mut changed = false;
        for task in 0..problem.tasks.len() {
            let mut least = local(problem, &picks, task);
            for choice in 0..problem.tasks[task].choices.len() {
                // Flows cost nothing at best.
                if problem.tasks[task].choices[choice].cost >= least {
                    continue;
                }
                let before = std::mem::replace(&mut picks[task], choice);
                let now = local(problem, &picks, task);
                if now < least {
                    let tried = problem.evaluate(&picks).filter(|it| it.cost < best.cost);
                    if let Some(solution) = tried {
                        best = solution;
                        least = now;
                        changed = true;
                        continue;
                    }
                }
                picks[task] = before;
            }
        }
        if !changed {
            break;
        }
    }
    Some(best)
}

/// Whether a flow joins two tasks.
pub(crate) fn is_link(ends: Ends) -> bool {
    matches!(ends, Ends::Link { .. })
}
