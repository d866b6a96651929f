//! The next best offers for one workload while everything else stays where it is.

use domain::{Money, Span};

use super::chosen;
use crate::ask::Ask;
use crate::compose::Composed;
use crate::plan::RunnerUp;
use crate::question::Objective;
use crate::search::problem::{Choice, Ends, NEVER, Problem, Solution, plus};
use crate::shortlist::{Shortlist, Way};

/// Candidates that are worked out in full.
const LOOKED_AT: usize = 24;

/// The best offers of other machine types than the chosen one and each other's.
pub(crate) fn runners_up(
    ask: &Ask<'_>,
    composed: &mut Composed,
    list: &Shortlist,
    (best, task): (&Solution, usize),
) -> Vec<RunnerUp> {
    let wanted = ask.question.settings.runners_up;
    let market = ask.market;
    let machine = |way: &Way| market.machine[way.candidate.row as usize];
    let token = composed.problem.pick(&best.picks, task).token as usize;
    let taken = machine(&list.ways[token]);
    let mut pool: Vec<Way> = list.ways.iter().chain(&list.beside).cloned().collect();
    pool.retain(|way| machine(way) != taken);
    let mut choices = composed.choices(task, &pool);
    let by_time = ask.question.objective == Objective::Time;
    let local: Vec<i64> = touching(&composed.problem, &best.picks, task, &choices);
    let mut order: Vec<usize> = (0..choices.len()).filter(|&at| local[at] < NEVER).collect();
    order.sort_by_key(|&at| {
        let first = if by_time { choices[at].time } else { local[at] };
        (first, local[at], choices[at].time, at)
    });
    let mut seen: Vec<u32> = Vec::new();
    order.retain(|&at| {
        let machine = machine(&pool[choices[at].token as usize]);
        let new = !seen.contains(&machine) && seen.len() < LOOKED_AT;
        if new {
            seen.push(machine);
        }
        new
    });
    let mut found = Vec::new();
    let mut picks = best.picks.clone();
    for at in order {
        let choice = &mut choices[at];
        let way = choice.token as usize;
        picks[task] = 0;
        let swapped = std::mem::replace(
            &mut composed.problem.tasks[task].choices,
            vec![choice.clone()],
        );
        let solution = composed.problem.evaluate(&picks);
        composed.problem.tasks[task].choices = swapped;
        let (Some(solution), Some(offer)) = (solution, chosen(ask, pool[way].candidate)) else {
            continue;
        };
        found.push(RunnerUp {
            offer,
            more_money: Money::micros(solution.cost - best.cost),
            more_time: Span(solution.makespan - best.makespan),
        });
    }
    if by_time {
        found.sort_by_key(|it| (it.more_time, it.more_money));
    } else {
        found.sort_by_key(|it| (it.more_money, it.more_time));
    }
    found.truncate(wanted);
    found
}

/// What each choice costs with the flows that touch the task.
fn touching(problem: &Problem, picks: &[usize], task: usize, choices: &[Choice]) -> Vec<i64> {
    let together = &problem.together;
    choices
        .iter()
        .map(|choice| {
            let mut sum = choice.cost;
            for &index in together.flows_in[task]
                .iter()
                .chain(&together.flows_out[task])
            {
                let flow = &problem.flows[index];
                let card = match flow.ends {
                    Ends::Link { from, to } if from == task => {
                        problem.card(choice.place, problem.pick(picks, to).place)
                    }
                    Ends::Link { from, .. } => {
                        problem.card(problem.pick(picks, from).place, choice.place)
                    }
                    Ends::Import { place, .. } => problem.card(place, choice.place),
                    Ends::Export { place, .. } => problem.card(choice.place, place),
                };
                sum = plus(sum, flow.costs[card]);
            }
            sum
        })
        .collect()
}
