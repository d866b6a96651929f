//! Which tasks may run at the same time.
//!
//! A quota is held only while a task runs, so what a pool must bear is the heaviest set of tasks
//! none of which waits for another (the heaviest antichain of the graph), not the sum.

use super::problem::{Ends, Flow};

/// Beyond this many users of one pool the sum stands in for the heaviest antichain: never too
/// little, so no plan breaks a quota, at worst one that would have fitted is passed over.
const EXACT_USERS: usize = 40;

/// The order of the tasks and who waits for whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Together {
    /// A topological order, smallest index first among the free ones.
    pub order: Vec<usize>,
    /// Flows that enter each task.
    pub flows_in: Vec<Vec<usize>>,
    /// Flows that leave each task.
    pub flows_out: Vec<Vec<usize>>,
    waits: Vec<Vec<bool>>,
}

impl Together {
    /// Reads the order off the flows; the tasks of a cycle when there is one.
    pub(crate) fn new(tasks: usize, flows: &[Flow]) -> Result<Self, Vec<usize>> {
        let mut flows_in = vec![Vec::new(); tasks];
        let mut flows_out = vec![Vec::new(); tasks];
        let mut edges: Vec<(usize, usize)> = Vec::new();
        for (index, flow) in flows.iter().enumerate() {
            match flow.ends {
                Ends::Link { from, to } => {
                    flows_out[from].push(index);
                    flows_in[to].push(index);
                    edges.push((from, to));
                }
                Ends::Import { to, .. } => flows_in[to].push(index),
                Ends::Export { from, .. } => flows_out[from].push(index),
            }
        }
        let order = topological(tasks, &edges)?;
        let mut waits = vec![vec![false; tasks]; tasks];
        for &task in &order {
            for &(from, to) in edges.iter().filter(|edge| edge.1 == task) {
                let before: Vec<usize> = (0..tasks).filter(|&other| waits[from][other]).collect();
                for other in before {
                    waits[to][other] = true;
                }
                waits[to][from] = true;
            }
        }
        Ok(Self {
            order,
            flows_in,
            flows_out,
            waits,
        })
    }

    fn ordered(&self, one: usize, other: usize) -> bool {
        self.waits[one][other] || self.waits[other][one]
    }

    /// The most units the users of one pool can hold at one moment.
    pub(crate) fn peak(&self, users: &[(usize, i64)]) -> i64 {
        let sum = users
            .iter()
            .fold(0_i64, |sum, user| sum.saturating_add(user.1));
        if users.len() < 2 || users.len() > EXACT_USERS {
            return sum;
        }
        self.heaviest(users)
    }

    fn heaviest(&self, users: &[(usize, i64)]) -> i64 {
        let Some((&first, rest)) = users.split_first() else {
            return 0;
        };
        let beside: Vec<(usize, i64)> = rest
            .iter()
            .copied()
            .filter(|user| !self.ordered(first.0, user.0))
            .collect();
        let with = first.1.saturating_add(self.heaviest(&beside));
        if beside.len() == rest.len() {
            return with;
        }
        with.max(self.heaviest(rest))
    }
}

/// A topological order, or the tasks that wait for each other.
pub(crate) fn topological(
    tasks: usize,
    edges: &[(usize, usize)],
) -> Result<Vec<usize>, Vec<usize>> {
    let mut missing = vec![0_usize; tasks];
    for &(_, to) in edges {
        missing[to] += 1;
    }
    let mut order = Vec::with_capacity(tasks);
    let mut done = vec![false; tasks];
    while let Some(next) = (0..tasks).find(|&task| !done[task] && missing[task] == 0) {
        done[next] = true;
        order.push(next);
        for &(_, to) in edges.iter().filter(|edge| edge.0 == next) {
            missing[to] -= 1;
        }
    }
    if order.len() == tasks {
        return Ok(order);
    }
    Err(cycle(tasks, edges, &done))
}

/// One cycle among the tasks that could not be ordered, in the order they wait.
fn cycle(tasks: usize, edges: &[(usize, usize)], done: &[bool]) -> Vec<usize> {
    let Some(mut at) = (0..tasks).find(|&task| !done[task]) else {
        return Vec::new();
    };
    let mut seen = Vec::new();
    loop {
        if let Some(start) = seen.iter().position(|&task| task == at) {
            let mut found = seen.split_off(start);
            found.reverse();
            return found;
        }
        seen.push(at);
        match edges.iter().find(|edge| edge.1 == at && !done[edge.0]) {
            Some(&(from, _)) => at = from,
            None => return seen,
        }
    }
}
