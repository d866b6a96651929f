//! Moving costs between links and tasks until neither promises more than it must.
//!
//! The cost of every assignment stays the same; what changes is where it is counted, so that
//! bounds which look at parts of the graph see more of it. For each link in turn the costs of its
//! two tasks are gathered on it and half of each min-marginal is handed back to either task:
//! Globerson and Jaakkola, "Fixing max-product: convergent message passing algorithms for MAP
//! LP-relaxations" (NIPS 2007). No link stays negative, and the bound never falls.

use super::problem::{NEVER, Problem, plus};
use super::reduced::Reduced;

/// Passes over all links, so many times.
pub(crate) fn tighten(problem: &Problem, reduced: &mut Reduced, sweeps: usize) {
    level(problem, reduced, sweeps);
    reduced.drop_impossible();
}

/// The same, all places kept.
pub(crate) fn level(problem: &Problem, reduced: &mut Reduced, sweeps: usize) {
    for sweep in 0..sweeps {
        for at in 0..reduced.joins.len() {
            // Forwards and backwards in turn carries news along the graph both ways.
            let index = if sweep % 2 == 0 {
                at
            } else {
                reduced.joins.len() - 1 - at
            };
            balance(problem, reduced, index);
        }
    }
}

fn balance(problem: &Problem, reduced: &mut Reduced, index: usize) {
    let (from, to) = (reduced.joins[index].from, reduced.joins[index].to);
    let table = reduced.table(problem, &reduced.joins[index], from);
    let (one, other) = (&reduced.unary[from], &reduced.unary[to]);
    let width = other.len();
    let mut rows = vec![NEVER; one.len()];
    let mut columns = vec![NEVER; width];
    if width > 0 {
        for ((row, least), &base) in table.chunks_exact(width).zip(&mut rows).zip(one) {
            let mut lowest = NEVER;
            for ((&link, &more), column) in row.iter().zip(other).zip(&mut columns) {
                let sum = link + more;
                lowest = lowest.min(sum);
                *column = (*column).min(sum + base);
            }
            *least = plus(lowest, base);
        }
    }
    let halves = |least: &[i64], unary: &mut Vec<i64>, shift: &mut Vec<i64>| {
        for ((value, kept), &least) in unary.iter_mut().zip(shift).zip(least) {
            // Halves are rounded down, so that what stays on the link is not negative.
            let half = if least >= NEVER { NEVER } else { least >> 1 };
            if half < NEVER && *value < NEVER {
                *kept += *value - half;
            }
            *value = half;
        }
    };
    let columns: Vec<i64> = columns.into_iter().map(|it| it.min(NEVER)).collect();
    let join = &mut reduced.joins[index];
    halves(&rows, &mut reduced.unary[from], &mut join.from_shift);
    halves(&columns, &mut reduced.unary[to], &mut join.to_shift);
}
