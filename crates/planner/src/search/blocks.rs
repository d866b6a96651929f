//! Moving several tasks at once to where others are.
//!
//! Where what leaves a provider is free up to a volume, the good plans cut the graph at few and
//! large groups, and a task that moves alone only makes one more cut. So tasks that follow each
//! other in the order of the graph are moved together, to places that the plan uses already or
//! that some task likes best.

use super::first;
use super::problem::{Problem, Solution};

/// Rounds before it gives up.
const ROUNDS: usize = 4;
/// Places tried for each group.
const PLACES: usize = 8;

/// The best plan that moves of groups and of single tasks lead to.
pub(crate) fn improve(problem: &Problem, start: Solution) -> Solution {
    let mut best = start;
    for _ in 0..ROUNDS {
        let before = best.cost;
        for (place, choices) in candidates(problem, &best) {
            best = moved(problem, best, place, &choices);
        }
        if best.cost == before {
            break;
        }
        if let Some(better) = first::improve(problem, best.picks.clone()) {
            best = better;
        }
    }
    best
}

/// Places with the cheapest choice of each task there.
fn candidates(problem: &Problem, plan: &Solution) -> Vec<(u16, Vec<Option<usize>>)> {
    let mut places: Vec<u16> = Vec::new();
    let used = (0..problem.tasks.len()).map(|task| problem.pick(&plan.picks, task).place);
    let liked = problem.tasks.iter().filter_map(|task| {
        let least = task.choices.iter().min_by_key(|it| (it.cost, it.place));
        least.map(|it| it.place)
    });
    for place in used.chain(liked) {
        if !places.contains(&place) && places.len() < PLACES {
            places.push(place);
        }
    }
    let cheapest = |task: usize, place: u16| first::cheapest_at(problem, task, place, 0);
    places
        .into_iter()
        .map(|place| {
            let tasks = 0..problem.tasks.len();
            (place, tasks.map(|task| cheapest(task, place)).collect())
        })
        .collect()
}

fn moved(problem: &Problem, mut best: Solution, place: u16, to: &[Option<usize>]) -> Solution {
    let order = &problem.together.order;
    for first in 0..order.len() {
        let mut picks = best.picks.clone();
        for &task in &order[first..] {
            let Some(choice) = to[task] else { continue };
            if problem.pick(&picks, task).place == place {
                continue;
            }
            picks[task] = choice;
            if problem.cost(&picks) < best.cost
                && let Some(better) = problem.evaluate(&picks)
            {
                best = better;
            }
        }
    }
    best
}
