//! The problem as the bounds see it: for each task the places still possible and the least cost
//! at each, with time turned into money by the multipliers of a Lagrangian where time is limited.
//!
//! Lagrange multipliers: Fisher, "The Lagrangian Relaxation Method for Solving Integer
//! Programming Problems", Management Science 27 (1981). A multiplier on a path of tasks charges
//! each task and flow on it for its time and gives back the deadline; the result never exceeds
//! the cost of any assignment that meets the deadline.

use super::problem::{Ends, Flow, NEVER, Problem, plus};

/// Multipliers are micros per millisecond in units of 2^-20.
pub(crate) const FRACTION: u32 = 20;

/// What a millisecond of each task and flow is charged, and what is given back.
#[derive(Debug, Clone)]
pub(crate) struct Multipliers {
    /// By task.
    pub tasks: Vec<i64>,
    /// By flow.
    pub flows: Vec<i64>,
    /// By meter: what every byte is charged at most while the free ones are given back, as a part
    /// (in units of 2^-20) of its dearest rate.
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

/// What a flow costs by rate card under the multipliers.
fn charged(problem: &Problem, flow: &Flow, rate: i64, by: &Multipliers) -> Vec<i64> {
    let worth: Vec<i64> = problem
        .meters
        .iter()
        .zip(&by.meters)
        .map(|(meter, &part)| meter.worth(part, flow.bytes))
        .collect();
    (0..flow.costs.len())
        .map(|card| {
            let mut cost = flow.costs[card];
            if let (Some((meter, _)), true) = (problem.meter_of_card[card], cost < NEVER) {
                let meter = usize::from(meter);
                if by.meters[meter] > 0 {
                    cost = flow.paid[card].min(worth[meter]);
                }
            }
            plus(cost, charge(rate, flow.times[card]))
        })
        .collect()
}

fn filter<T>(values: &mut Vec<T>, kept: &[bool]) {
    let mut position = 0;
    values.retain(|_| {
        position += 1;
        kept[position - 1]
    });
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
    /// What the link has taken over from the task the data leaves, by its places.
    pub from_shift: Vec<i64>,
    /// The same for the task the data reaches.
    pub to_shift: Vec<i64>,
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
        let mut reduced = Self {
            places,
            unary,
            joins: Vec::new(),
            back: by.back,
        };
        for (index, flow) in problem.flows.iter().enumerate() {
            let costs = charged(problem, flow, by.flows[index], by);
            match flow.ends {
                Ends::Link { from, to } => {
                    let none = |task: usize| vec![0; reduced.places[task].len()];
                    let (from_shift, to_shift) = (none(from), none(to));
                    reduced.joins.push(Join {
                        from,
                        to,
                        costs,
                        from_shift,
                        to_shift,
                    });
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

    /// The same places under other multipliers; what was moved between links and tasks stays moved.
    pub(crate) fn recharge(&mut self, problem: &Problem, by: &Multipliers) {
        let mut fresh = Self::new(problem, by);
        fresh.narrow_to(self);
        for (join, new) in self.joins.iter_mut().zip(fresh.joins) {
            join.costs = new.costs;
            let ends = [(join.from, &join.from_shift), (join.to, &join.to_shift)];
            for (task, shifts) in ends {
                for (value, shift) in fresh.unary[task].iter_mut().zip(shifts) {
                    if *value < NEVER {
                        *value -= shift;
                    }
                }
            }
        }
        self.unary = fresh.unary;
        self.back = fresh.back;
    }

    fn add_unary(&mut self, task: usize, cost: impl Fn(u16) -> i64) {
        for (least, &at) in self.unary[task].iter_mut().zip(&self.places[task]) {
            *least = plus(*least, cost(at));
        }
    }

    /// Keeps the places of a task for which `keep` (by position) holds.
    pub(crate) fn retain(&mut self, task: usize, keep: impl Fn(usize) -> bool) {
        let kept: Vec<bool> = (0..self.places[task].len()).map(keep).collect();
        if kept.iter().all(|&it| it) {
            return;
        }
        filter(&mut self.unary[task], &kept);
        filter(&mut self.places[task], &kept);
        for join in &mut self.joins {
            if join.from == task {
                filter(&mut join.from_shift, &kept);
            }
            if join.to == task {
                filter(&mut join.to_shift, &kept);
            }
        }
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
            self.retain(task, |position| {
                other.places[task].binary_search(&at[position]).is_ok()
            });
        }
    }

    /// Entries that the tables of all links have together.
    pub(crate) fn entries(&self) -> usize {
        let sizes = self.joins.iter().map(|join| {
            self.places[join.from]
                .len()
                .saturating_mul(self.places[join.to].len())
        });
        sizes.fold(0, usize::saturating_add)
    }

    /// Whether some task has no place left.
    pub(crate) fn is_dead(&self) -> bool {
        self.places.iter().any(Vec::is_empty)
    }

    /// Costs of a join, one row for each place of the task `row`, a column for each of the other.
    pub(crate) fn table(&self, problem: &Problem, join: &Join, row: usize) -> Vec<i64> {
        let column = if row == join.from { join.to } else { join.from };
        let mut table = Vec::with_capacity(self.places[row].len() * self.places[column].len());
        let forwards = row == join.from;
        let (shifts, other_shifts) = if forwards {
            (&join.from_shift, &join.to_shift)
        } else {
            (&join.to_shift, &join.from_shift)
        };
        for (&at, &shift) in self.places[row].iter().zip(shifts) {
            for (&other, &more) in self.places[column].iter().zip(other_shifts) {
                let card = if forwards {
                    problem.card(at, other)
                } else {
                    problem.card(other, at)
                };
                let cost = join.costs[card];
                table.push(if cost >= NEVER {
                    NEVER
                } else {
                    cost + shift + more
                });
            }
        }
        table
    }
}
