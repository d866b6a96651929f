//! Dynamic programming over a spanning forest of the tasks.
//!
//! Links outside the forest count as free, so the result is a lower bound; where the links are a
//! forest themselves it is the optimum. Passing messages both ways gives, for each task and each
//! place, the least any assignment with the task at that place can cost (its min-marginal):
//! places whose min-marginal is no better than a known plan are dropped for good.

use super::problem::{NEVER, Problem, plus};
use super::reduced::Reduced;

/// A spanning forest in an order in which parents come first.
#[derive(Debug)]
struct Forest {
    order: Vec<usize>,
    /// Parent and join for each task that has one.
    parent: Vec<Option<(usize, usize)>>,
}

/// What the forest says.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// No assignment costs less.
    pub bound: i64,
    /// For each task and each of its places, the least with the task there.
    pub marginals: Vec<Vec<i64>>,
    /// Position of the best place of each task.
    pub best: Vec<usize>,
    /// Whether no link between tasks was left out.
    pub whole: bool,
}

fn span(tasks: usize, reduced: &Reduced, skip_first: usize) -> (Forest, bool) {
    // The dearest links first: leaving out a dear one loosens the bound the most. `skip_first`
    // rotates the order so that repeated calls look at different forests.
    let mut by_weight: Vec<(i64, usize)> = reduced
        .joins
        .iter()
        .enumerate()
        .map(|(index, join)| {
            let most = join.costs.iter().filter(|&&cost| cost < NEVER).max();
            (most.copied().unwrap_or(0), index)
        })
        .collect();
    by_weight.sort_by_key(|&(weight, index)| (std::cmp::Reverse(weight), index));
    let count = by_weight.len();
    if count > 0 {
        by_weight.rotate_left(skip_first % count);
    }
    let mut group: Vec<usize> = (0..tasks).collect();
    let mut neighbours = vec![Vec::new(); tasks];
    let mut taken = 0;
    for (_, index) in by_weight {
        let join = &reduced.joins[index];
        let (one, other) = (group[join.from], group[join.to]);
        if one == other {
            continue;
        }
        for entry in &mut group {
            if *entry == other {
                *entry = one;
            }
        }
        neighbours[join.from].push((join.to, index));
        neighbours[join.to].push((join.from, index));
        taken += 1;
    }
    let mut forest = Forest {
        order: Vec::with_capacity(tasks),
        parent: vec![None; tasks],
    };
    let mut seen = vec![false; tasks];
    for root in 0..tasks {
        let mut stack = if seen[root] { Vec::new() } else { vec![root] };
        seen[root] = true;
        while let Some(task) = stack.pop() {
            forest.order.push(task);
            for &(next, join) in &neighbours[task] {
                if !seen[next] {
                    seen[next] = true;
                    forest.parent[next] = Some((task, join));
                    stack.push(next);
                }
            }
        }
    }
    (forest, taken == count)
}

/// Bounds, min-marginals and the best assignment over a spanning forest.
pub(crate) fn solve(problem: &Problem, reduced: &Reduced, skip_first: usize) -> Verdict {
    let tasks = reduced.places.len();
    let (forest, whole) = span(tasks, reduced, skip_first);
    // Upwards: what the subtree below a task costs for each of its places.
    let mut below = reduced.unary.clone();
    let mut tables: Vec<Vec<i64>> = vec![Vec::new(); tasks];
    let mut up: Vec<Vec<i64>> = vec![Vec::new(); tasks];
    for &task in forest.order.iter().rev() {
        let Some((parent, join)) = forest.parent[task] else {
            continue;
        };
        let table = reduced.table(problem, &reduced.joins[join], parent);
        let width = reduced.places[task].len();
        let message: Vec<i64> = if width == 0 {
            vec![NEVER; reduced.places[parent].len()]
        } else {
            table
                .chunks_exact(width)
                .map(|row| least_sum(row, &below[task]))
                .collect()
        };
        for (sum, &more) in below[parent].iter_mut().zip(&message) {
            *sum = plus(*sum, more);
        }
        tables[task] = table;
        up[task] = message;
    }
    downwards(&forest, below, &tables, &up, reduced.back, whole)
}

fn least_sum(one: &[i64], other: &[i64]) -> i64 {
    // Both are at most NEVER, so the sum cannot overflow.
    one.iter()
        .zip(other)
        .map(|(a, b)| a + b)
        .min()
        .unwrap_or(NEVER)
        .min(NEVER)
}

fn downwards(
    forest: &Forest,
    mut marginals: Vec<Vec<i64>>,
    tables: &[Vec<i64>],
    up: &[Vec<i64>],
    back: i64,
    whole: bool,
) -> Verdict {
    let mut bound = 0_i64;
    let mut root_least = vec![0_i64; marginals.len()];
    let mut root_of: Vec<usize> = (0..marginals.len()).collect();
    let mut best = vec![0_usize; marginals.len()];
    let below = marginals.clone();
    for &task in &forest.order {
        let Some((parent, _)) = forest.parent[task] else {
            root_least[task] = marginals[task].iter().copied().min().unwrap_or(NEVER);
            bound = plus(bound, root_least[task]);
            best[task] = position_of_least(&marginals[task]);
            continue;
        };
        root_of[task] = root_of[parent];
        let width = below[task].len();
        // What everything but this subtree costs, for each place of the parent.
        let beside: Vec<i64> = marginals[parent]
            .iter()
            .zip(&up[task])
            .map(|(&all, &mine)| if all >= NEVER { NEVER } else { all - mine })
            .collect();
        let mut outside = vec![NEVER; width];
        if width > 0 {
            for (row, &rest) in tables[task].chunks_exact(width).zip(&beside) {
                for (least, &link) in outside.iter_mut().zip(row) {
                    *least = (*least).min(link + rest);
                }
            }
            let row = &tables[task][best[parent] * width..(best[parent] + 1) * width];
            let sums: Vec<i64> = row.iter().zip(&below[task]).map(|(a, b)| a + b).collect();
            best[task] = position_of_least(&sums);
        }
        for ((marginal, &inside), &rest) in
            marginals[task].iter_mut().zip(&below[task]).zip(&outside)
        {
            *marginal = plus(inside, rest);
        }
    }
    // A place's marginal within its own tree, plus the best of every other tree.
    for (task, row) in marginals.iter_mut().enumerate() {
        let others = bound - root_least[root_of[task]] - back;
        for marginal in row.iter_mut() {
            if *marginal < NEVER {
                *marginal += others;
            }
        }
    }
    Verdict {
        bound: if bound >= NEVER { NEVER } else { bound - back },
        marginals,
        best,
        whole,
    }
}

pub(crate) fn position_of_least(values: &[i64]) -> usize {
    let mut best = 0;
    for (position, value) in values.iter().enumerate() {
        if *value < values[best] {
            best = position;
        }
    }
    best
}
