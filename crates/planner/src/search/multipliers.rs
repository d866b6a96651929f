//! Finding good Lagrange multipliers for limits on time and for volumes that are free.
//!
//! Each path of tasks and flows that ends too late becomes a constraint; Polyak's subgradient
//! step raises the rate of late paths and lowers that of early ones. A meter with free volume is
//! charged up to a rate for every byte and gives its free bytes back. Arithmetic is in integers,
//! so every machine takes the same steps.

use super::blocks;
use super::branch::MOST_CHARGED;
use super::first;
use super::forest;
use super::problem::{Ends, NEVER, Problem, Solution};
use super::reduced::{FRACTION, Multipliers, Reduced};
use super::tighten::tighten;

const ROUNDS: usize = 24;
/// Passes over all links between two changes of the multipliers of meters.
const SWEEPS: usize = 2;

/// One path and what its time is charged.
struct Path {
    tasks: Vec<usize>,
    flows: Vec<usize>,
    due: i64,
    rate: i64,
}

/// The best multipliers found, the bound they prove and the best plan met on the way.
pub(crate) struct Found {
    /// The multipliers.
    pub by: Multipliers,
    /// No plan that ends in time costs less.
    pub bound: i64,
    /// Best plan so far.
    pub best: Option<Solution>,
}

/// Searches multipliers and narrows `reduced` to the places that can still matter.
pub(crate) fn find(problem: &Problem, reduced: &mut Reduced, known: Option<Solution>) -> Found {
    let metered = !problem.meters.is_empty();
    let mut found = Found {
        by: Multipliers::none(problem),
        bound: 0,
        best: if metered {
            known.map(|it| blocks::improve(problem, it))
        } else {
            known
        },
    };
    let mut paths: Vec<Path> = Vec::new();
    let mut parts = vec![0_i64; problem.meters.len()];
    let mut charged = reduced.clone();
    for round in 0..ROUNDS {
        let by = multipliers(problem, &paths, &parts);
        if metered {
            charged.recharge(problem, &by);
            tighten(problem, &mut charged, SWEEPS);
        } else {
            charged = Reduced::new(problem, &by);
            charged.narrow_to(reduced);
        }
        if charged.is_dead() {
            reduced.narrow_to(&charged);
            break;
        }
        // Where time is charged, the paths found depend on one and the same forest.
        let verdict = forest::solve(problem, &charged, if metered { round } else { 0 });
        if verdict.bound > found.bound || round == 0 {
            found.bound = found.bound.max(verdict.bound);
            found.by = by.clone();
        }
        let picks = first::decode(problem, &charged, &verdict.best, &by);
        let mut tried = first::improve(problem, picks.clone());
        if metered {
            tried = tried.map(|it| blocks::improve(problem, it));
        }
        found.best = first::better(found.best, tried);
        if let Some(best) = &found.best {
            for (task, row) in verdict.marginals.iter().enumerate() {
                charged.retain(task, |at| row[at] < best.cost);
            }
            reduced.narrow_to(&charged);
            if reduced.is_dead() {
                break;
            }
        }
        if verdict.bound >= NEVER {
            break;
        }
        let late = step(problem, &mut paths, &picks, verdict.bound, &found);
        let full = fill(problem, &mut parts, &picks, room(verdict.bound, &found));
        if !late && !full {
            break;
        }
    }
    found
}

fn multipliers(problem: &Problem, paths: &[Path], parts: &[i64]) -> Multipliers {
    let mut by = Multipliers::none(problem);
    by.meters = parts.to_vec();
    for (meter, &part) in problem.meters.iter().zip(parts) {
        if part > 0 {
            by.back = by.back.saturating_add(meter.worth(part, meter.free) + 2);
        }
    }
    for path in paths {
        for &task in &path.tasks {
            by.tasks[task] = by.tasks[task].saturating_add(path.rate);
        }
        for &flow in &path.flows {
            by.flows[flow] = by.flows[flow].saturating_add(path.rate);
        }
        let product = i128::from(path.rate) * i128::from(path.due);
        let back = (product >> FRACTION) + 1;
        by.back = by.back.saturating_add(i64::try_from(back).unwrap_or(NEVER));
    }
    by
}

/// The best multipliers and, where volumes are metered, some around them: once a part of the plan
/// is decided, what is left of the free volumes is worth more or less than it was on the whole.
pub(crate) fn around(problem: &Problem, best: Multipliers) -> Vec<Multipliers> {
    let back = |meter: usize, part: i64| match part {
        0 => 0,
        part => problem.meters[meter].worth(part, problem.meters[meter].free) + 2,
    };
    let with = |parts: Vec<i64>| {
        let mut by = best.clone();
        for (meter, part) in parts.into_iter().enumerate() {
            let part = part.min(1 << FRACTION);
            by.back += back(meter, part) - back(meter, by.meters[meter]);
            by.meters[meter] = part;
        }
        by
    };
    let mut all = vec![best.clone()];
    if best.meters.iter().any(|&part| part > 0) {
        for at in 0..best.meters.len().min(MOST_CHARGED - 2) {
            let mut parts = best.meters.clone();
            parts[at] *= 2;
            all.push(with(parts));
        }
        all.push(with(best.meters.iter().map(|part| part / 2).collect()));
    }
    all
}

/// The path that ends the latest against its limit.
fn latest(problem: &Problem, picks: &[usize]) -> Option<Path> {
    let spans = problem.spans(picks);
    let due = |task: usize| problem.tasks[task].finish_by.min(problem.deadline);
    let late = |task: usize| spans[task].landed.saturating_sub(due(task));
    let end = (0..problem.tasks.len())
        .filter(|&task| due(task) < NEVER)
        .max_by_key(|&task| (late(task), std::cmp::Reverse(task)))?;
    let mut path = Path {
        tasks: vec![end],
        flows: Vec::new(),
        due: due(end),
        rate: 0,
    };
    let place = problem.pick(picks, end).place;
    let export = problem.together.flows_out[end]
        .iter()
        .copied()
        .filter(|&flow| matches!(problem.flows[flow].ends, Ends::Export { .. }));
    let longest = export.max_by_key(|&flow| {
        let card = problem.card_of(&problem.flows[flow], picks);
        (problem.flows[flow].times[card], std::cmp::Reverse(flow))
    });
    if let (Some(flow), true) = (longest, problem.exporting(end, place) > 0) {
        path.flows.push(flow);
    }
    let mut at = end;
    loop {
        let mut before = None;
        for &index in &problem.together.flows_in[at] {
            let flow = &problem.flows[index];
            let time = flow.times[problem.card_of(flow, picks)];
            let (ready, from) = match flow.ends {
                Ends::Link { from, .. } => (spans[from].finish.saturating_add(time), Some(from)),
                _ => (time, None),
            };
            if ready == spans[at].start && before.is_none() {
                before = Some((index, from));
            }
        }
        let Some((flow, from)) = before else { break };
        path.flows.push(flow);
        let Some(from) = from else { break };
        path.tasks.push(from);
        at = from;
    }
    Some(path)
}

/// One subgradient step; false when nothing is late and nothing is charged.
fn step(
    problem: &Problem,
    paths: &mut Vec<Path>,
    picks: &[usize],
    bound: i64,
    found: &Found,
) -> bool {
    if let Some(path) = latest(problem, picks) {
        let known = paths.iter().any(|other| {
            other.tasks == path.tasks && other.flows == path.flows && other.due == path.due
        });
        if !known && length(problem, &path, picks) > path.due {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return false;
    }
    let over: Vec<i128> = paths
        .iter()
        .map(|path| i128::from(length(problem, path, picks)) - i128::from(path.due))
        .map(|over| over.clamp(-(1 << 40), 1 << 40))
        .collect();
    let square: i128 = over.iter().map(|&it| it * it).sum();
    let room = room(bound, found);
    if square == 0 {
        return false;
    }
    for (path, over) in paths.iter_mut().zip(over) {
        let change = (room << FRACTION) * over / square;
        let rate = (i128::from(path.rate) + change).clamp(0, 1 << 44);
        path.rate = i64::try_from(rate).unwrap_or(0);
    }
    true
}

/// How far the bound may still rise.
fn room(bound: i64, found: &Found) -> i128 {
    let target = found
        .best
        .as_ref()
        .map_or(bound.saturating_mul(2), |best| best.cost);
    i128::from(target.saturating_sub(bound).clamp(1, 1 << 44))
}

/// One subgradient step on the meters; false when none is over or charged.
fn fill(problem: &Problem, parts: &mut [i64], picks: &[usize], room: i128) -> bool {
    // Micros by which each meter is over its free volume, at its dearest rate.
    let over: Vec<i128> = problem
        .meters
        .iter()
        .zip(problem.volumes(picks))
        .zip(parts.iter())
        .map(|((meter, volumes), &part)| {
            let volume = volumes
                .iter()
                .fold(0_u64, |sum, &more| sum.saturating_add(more));
            if meter.free == 0 || (part == 0 && volume <= meter.free) {
                return 0;
            }
            let worth = |bytes| i128::from(meter.worth(1 << FRACTION, bytes));
            (worth(volume) - worth(meter.free)).clamp(-(1 << 40), 1 << 40)
        })
        .collect();
    let square: i128 = over.iter().map(|&it| it * it).sum();
    if square == 0 {
        return false;
    }
    for (part, over) in parts.iter_mut().zip(over) {
        let change = (room << FRACTION) * over / square;
        let moved = (i128::from(*part) + change).clamp(0, 1 << FRACTION);
        *part = i64::try_from(moved).unwrap_or(0);
    }
    true
}

fn length(problem: &Problem, path: &Path, picks: &[usize]) -> i64 {
    let tasks = path
        .tasks
        .iter()
        .map(|&task| problem.pick(picks, task).time);
    let flows = path.flows.iter().map(|&index| {
        let flow = &problem.flows[index];
        flow.times[problem.card_of(flow, picks)]
    });
    tasks.chain(flows).fold(0_i64, i64::saturating_add)
}
