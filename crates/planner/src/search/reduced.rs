//! The problem as the bounds see it: for each task the places still possible and the least cost
//! at each, with time turned into money by the multipliers of a Lagrangian where time is limited.
//!
//! Lagrange multipliers: Fisher, "The Lagrangian Relaxation Method for Solving Integer
//! Programming Problems", Management Science 27 (1981). A multiplier on a path of tasks charges
//! each task and flow on it for its time and gives back the deadline; the result never exceeds
//! the cost of any assignment that meets the deadline.

use super::problem::{Ends, NEVER, Problem, plus};

/// Multipliers are micros per millisecond in units of 2^-20.
pub(crate) const FRACTION: u32 = 20;

/// What a millisecond of each task and flow is charged, and what is given back.
#[derive(Debug, Clone)]
pub(crate) struct Multipliers {
    /// By task.
    pub tasks: Vec<i64>,
    /// By flow.
    pub flows: Vec<i64>,
    /// By meter: how much of its line is charged for every byte while its free bytes are given
    /// back, in units of 2^-20.
    pub meters: Vec<i64>,
    /// Micros given back: the sum over charged paths of rate times deadline, rounded up.
    pub back: i64,
}

impl Multipliers {
    /// Charges nothing.
    pub(crate) fn none(problem: &Problem) -> Self {
        Self {
            tasks: vec![0; problem.tasks.len()],
            flows: vec![0; problem.flows.len()],
            meters: vec![0; problem.meters.len()],
            back: 0,
        }
    }
}

/// `time` at `rate`, rounded down.
pub(crate) fn charge(rate: i64, time: i64) -> i64 {
    if rate == 0 {
        return 0;
    }
    let product = (i128::from(rate) * i128::from(time)) >> FRACTION;
    i64::try_from(product).unwrap_or(NEVER).min(NEVER)
}

/// Micros of `bytes` on a part of a meter's line, rounded down.
pub(crate) fn along(line: (u64, i64, u64), part: i64, bytes: u64) -> i64 {
    let (_, price, beyond) = line;
    // Prices and volumes are below 2^60, parts at most 2^20: divided first to stay in range.
    let whole = i128::from(bytes) * i128::from(price) / i128::from(beyond.max(1));
    i64::try_from((whole * i128::from(part)) >> FRACTION).unwrap_or(NEVER).min(NEVER)
}

/// A link between two tasks with its cost between their places.
#[derive(Debug, Clone)]
pub(crate) struct Join {
    /// Task the data leaves.
    pub from: usize,
    /// Task the data reaches.
    pub to: usize,
    /// Cost by rate card, charged for time.
    pub costs: Vec<i64>,
}

/// Places and least costs.
#[derive(Debug, Clone)]
pub(crate) struct Reduced {
    /// For each task the places still possible, ascending.
    pub places: Vec<Vec<u16>>,
    /// The least cost at each of them, data from and to fixed places included.
    pub unary: Vec<Vec<i64>>,
    /// Links between tasks.
    pub joins: Vec<Join>,
    /// Micros to take off every bound.
    pub back: i64,
}

impl Reduced {
    /// All places of all tasks under the multipliers.
    pub(crate) fn new(problem: &Problem, by: &Multipliers) -> Self {
        let mut places = Vec::with_capacity(problem.tasks.len());
        let mut unary = Vec::with_capacity(problem.tasks.len());
        for (index, task) in problem.tasks.iter().enumerate() {
            let mut at: Vec<u16> = Vec::new();
            let mut least: Vec<i64> = Vec::new();
            for choice in &task.choices {
                let cost = plus(choice.cost, charge(by.tasks[index], choice.time));
                match (at.last(), least.last_mut()) {
                    (Some(&last), Some(known)) if last == choice.place => {
                        *known = (*known).min(cost);
                    }
                    _ => {
                        at.push(choice.place);
                        least.push(cost);
                    }
                }
            }
            places.push(at);
            unary.push(least);
        }
        let mut reduced = Self { places, unary, joins: Vec::new(), back: by.back };
        let lines = problem.lines();
        for (index, flow) in problem.flows.iter().enumerate() {
            let rate = by.flows[index];
            let costs: Vec<i64> = (0..flow.costs.len())
                .map(|card| {
                    let meter = problem.meter_of_card[card].map(usize::from);
                    let charged = meter.filter(|&it| by.meters[it] > 0 && flow.costs[card] < NEVER);
                    let cost = match charged.and_then(|it| Some((lines[it]?, by.meters[it]))) {
                        Some((line, part)) => along(line, part, flow.bytes),
                        None => flow.costs[card],
                    };
                    plus(cost, charge(rate, flow.times[card]))
                })
                .collect();
            match flow.ends {
                Ends::Link { from, to } => {
                    reduced.joins.push(Join { from, to, costs });
                }
                Ends::Import { place, to } => {
                    reduced.add_unary(to, |at| costs[problem.card(place, at)]);
                }
                Ends::Export { from, place } => {
                    reduced.add_unary(from, |at| costs[problem.card(at, place)]);
                }
            }
        }
        reduced
    }

    fn add_unary(&mut self, task: usize, cost: impl Fn(u16) -> i64) {
        for (least, &at) in self.unary[task].iter_mut().zip(&self.places[task]) {
            *least = plus(*least, cost(at));
        }
    }

    /// Keeps the places of a task for which `keep` (by position) holds.
    pub(crate) fn retain(&mut self, task: usize, keep: impl Fn(usize) -> bool) {
        let mut position = 0;
        self.unary[task].retain(|_| {
            position += 1;
            keep(position - 1)
        });
        position = 0;
        self.places[task].retain(|_| {
            position += 1;
            keep(position - 1)
        });
    }

    /// Drops places that cost [`NEVER`].
    pub(crate) fn drop_impossible(&mut self) {
        for task in 0..self.places.len() {
            let unary = self.unary[task].clone();
            self.retain(task, |position| unary[position] < NEVER);
        }
    }

    /// Narrows to the places another reduction of the same problem has left.
    pub(crate) fn narrow_to(&mut self, other: &Self) {
        for task in 0..self.places.len() {
            let at = self.places[task].clone();
            self.retain(task, |position| other.places[task].binary_search(&at[position]).is_ok());
        }
    }

    /// Whether some task has no place left.
    pub(crate) fn is_dead(&self) -> bool {
        self.places.iter().any(Vec::is_empty)
    }

    /// Costs of a join, one row for each place of the task `row`, a column for each of the other.
    pub(crate) fn table(&self, problem: &Problem, join: &Join, row: usize) -> Vec<i64> {
        let column = if row == join.from { join.to } else { join.from };
        let mut table = Vec::with_capacity(self.places[row].len() * self.places[column].len());
        for &at in &self.places[row] {
            for &other in &self.places[column] {
                let card = if row == join.from {
                    problem.card(at, other)
                } else {
                    problem.card(other, at)
                };
                table.push(join.costs[card]);
            }
        }
        table
    }
}
