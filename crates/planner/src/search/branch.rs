//! Depth-first branch and bound.
//!
//! Tasks are decided in the order the buckets were made for. A prefix is left when what it must
//! still cost is no better than the best plan known, when it cannot end in time, or when a shared
//! pool no longer holds it. The limit counts nodes, never seconds, so that every machine stops at
//! the same plan; what was left behind gives the gap.

use super::buckets::Buckets;
use super::clock::{Clock, Decided};
use super::problem::{NEVER, Problem, Solution, plus};
use super::reduced::{Multipliers, Reduced, charge};

/// What is made as small as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Cost; the makespan is only limited.
    Cost,
    /// Makespan; the cost is only limited.
    Makespan,
}

/// Most bounds with charges that are looked at beside the plain one.
pub(crate) const MOST_CHARGED: usize = 4;

/// Charged costs by bound.
type Charges = [i64; MOST_CHARGED];

/// A bound under multipliers.
pub(crate) struct Charged<'a> {
    /// The places, which are those of the plain bound.
    pub reduced: &'a Reduced,
    /// What they promise.
    pub buckets: &'a Buckets,
    /// What is charged.
    pub by: &'a Multipliers,
}

/// A bound with the costs that lead above it.
struct Priced<'a> {
    buckets: &'a Buckets,
    /// For each task and choice, how far it lies above the least at its place.
    above: Vec<Vec<i64>>,
    back: i64,
}

/// A way to decide the next task.
struct Candidate {
    position: usize,
    choice: usize,
    plain: i64,
    charged: Charges,
    rank: i64,
}

/// The search and all it remembers.
pub(crate) struct Branch<'a> {
    problem: &'a Problem,
    aim: Aim,
    clock: Option<Clock>,
    plain: Priced<'a>,
    charged: Vec<Priced<'a>>,
    /// For each task its choices that are still possible, with the position of their place.
    open: Vec<Vec<(usize, usize)>>,
    positions: Vec<usize>,
    decided: Vec<Decided>,
    held: Vec<Vec<(usize, i64)>>,
    /// The best plan so far.
    pub best: Option<Solution>,
    /// The least that was left behind when the limit struck.
    pub abandoned: i64,
    /// Nodes looked at.
    pub nodes: u64,
    limit: u64,
}

fn above(problem: &Problem, reduced: &Reduced, by: &Multipliers) -> Vec<Vec<i64>> {
    let mut rows = Vec::with_capacity(problem.tasks.len());
    for (index, task) in problem.tasks.iter().enumerate() {
        let price = |at: usize| {
            let choice = &task.choices[at];
            plus(choice.cost, charge(by.tasks[index], choice.time))
        };
        let mut least = vec![NEVER; reduced.places[index].len()];
        let mut row = vec![NEVER; task.choices.len()];
        for (at, choice) in task.choices.iter().enumerate() {
            if let Ok(position) = reduced.places[index].binary_search(&choice.place) {
                least[position] = least[position].min(price(at));
            }
        }
        for (at, choice) in task.choices.iter().enumerate() {
            if let Ok(position) = reduced.places[index].binary_search(&choice.place) {
                row[at] = price(at) - least[position];
            }
        }
        rows.push(row);
    }
    rows
}

impl<'a> Branch<'a> {
    /// A search over the places of `reduced`, with its buckets.
    pub(crate) fn new(
        problem: &'a Problem,
        aim: Aim,
        (reduced, buckets): (&'a Reduced, &'a Buckets),
        charged: &[Charged<'a>],
        limit: u64,
    ) -> Self {
        let open = problem
            .tasks
            .iter()
            .zip(&reduced.places)
            .map(|(task, places)| {
                let choices = task.choices.iter().enumerate();
                choices
                    .filter_map(|(index, choice)| {
                        places
                            .binary_search(&choice.place)
                            .ok()
                            .map(|position| (position, index))
                    })
                    .collect()
            })
            .collect();
        let timed = aim == Aim::Makespan || problem.timed();
        Self {
            problem,
            aim,
            clock: timed.then(|| Clock::new(problem, reduced)),
            plain: Priced {
                buckets,
                above: above(problem, reduced, &Multipliers::none(problem)),
                back: 0,
            },
            charged: charged
                .iter()
                .take(MOST_CHARGED)
                .map(|it| Priced {
                    buckets: it.buckets,
                    above: above(problem, it.reduced, it.by),
                    back: it.by.back,
                })
                .collect(),
            open,
            positions: vec![0; problem.tasks.len()],
            decided: vec![None; problem.tasks.len()],
            held: vec![Vec::new(); problem.pools.len()],
            best: None,
            abandoned: NEVER,
            nodes: 0,
            limit,
        }
    }

    /// Searches on from the best plan known.
    pub(crate) fn run(&mut self, known: Option<Solution>) {
        self.best = known;
        let mut charged = [0; MOST_CHARGED];
        for (bound, priced) in charged.iter_mut().zip(&self.charged) {
            *bound = priced.buckets.bound();
        }
        self.descend(0, self.plain.buckets.bound(), &charged);
    }

    fn worth(&self, rank: i64) -> bool {
        self.best.as_ref().is_none_or(|best| {
            rank < match self.aim {
                Aim::Cost => best.cost,
                Aim::Makespan => best.makespan,
            }
        })
    }

    fn descend(&mut self, at: usize, plain: i64, charged: &Charges) {
        let Some(&task) = self.plain.buckets.order.get(at) else {
            self.arrive();
            return;
        };
        let mut candidates = self.candidates(at, task, plain, charged);
        candidates.sort_by_key(|it| (it.rank, it.plain, it.choice));
        for candidate in &candidates {
            if !self.worth(candidate.rank) {
                break;
            }
            if self.nodes >= self.limit {
                self.abandoned = self.abandoned.min(candidate.rank);
                break;
            }
            self.nodes += 1;
            if !self.take(task, candidate) {
                continue;
            }
            self.descend(at + 1, candidate.plain, &candidate.charged);
            self.untake(task, candidate);
        }
        self.decided[task] = None;
    }

    fn candidates(
        &mut self,
        at: usize,
        task: usize,
        plain: i64,
        charged: &Charges,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut rises = (usize::MAX, NEVER, [0; MOST_CHARGED]);
        for index in 0..self.open[task].len() {
            let (position, choice) = self.open[task][index];
            if rises.0 != position {
                self.positions[task] = position;
                rises.0 = position;
                rises.1 = self.plain.buckets.rise(at, &self.positions);
                for (rise, priced) in rises.2.iter_mut().zip(&self.charged) {
                    *rise = priced.buckets.rise(at, &self.positions);
                }
            }
            if rises.1 >= NEVER || rises.2.contains(&NEVER) {
                continue;
            }
            let plain = plain + rises.1 + self.plain.above[task][choice];
            let mut bound = plain;
            let mut more = [0; MOST_CHARGED];
            for (which, priced) in self.charged.iter().enumerate() {
                more[which] = charged[which] + rises.2[which] + priced.above[task][choice];
                bound = bound.max(more[which] - priced.back);
            }
            if bound > self.problem.budget || bound >= NEVER {
                continue;
            }
            let rank = match self.rank(task, position, choice, bound) {
                Some(rank) if self.worth(rank) => rank,
                _ => continue,
            };
            found.push(Candidate {
                position,
                choice,
                plain,
                charged: more,
                rank,
            });
        }
        found
    }

    /// What the candidate promises of the aim; `None` when it cannot end in time.
    fn rank(&mut self, task: usize, position: usize, choice: usize, bound: i64) -> Option<i64> {
        if self.aim == Aim::Cost && !self.worth(bound) {
            return None;
        }
        let Some(clock) = &self.clock else {
            return Some(bound);
        };
        self.decided[task] = Some((position, choice));
        let makespan = clock.makespan(self.problem, &self.decided);
        self.decided[task] = None;
        if makespan >= NEVER || makespan > self.problem.deadline {
            return None;
        }
        Some(match self.aim {
            Aim::Cost => bound,
            Aim::Makespan => makespan,
        })
    }

    fn take(&mut self, task: usize, candidate: &Candidate) -> bool {
        self.positions[task] = candidate.position;
        self.decided[task] = Some((candidate.position, candidate.choice));
        let problem = self.problem;
        let uses = &problem.tasks[task].choices[candidate.choice].uses;
        for &(pool, units) in uses {
            self.held[usize::from(pool)].push((task, units));
        }
        let holds = uses.iter().all(|&(pool, _)| {
            let pool = usize::from(pool);
            problem.together.peak(&self.held[pool]) <= problem.pools[pool]
        });
        if !holds {
            self.untake(task, candidate);
        }
        holds
    }

    fn untake(&mut self, task: usize, candidate: &Candidate) {
        self.decided[task] = None;
        for &(pool, _) in &self.problem.tasks[task].choices[candidate.choice].uses {
            self.held[usize::from(pool)].retain(|&(holder, _)| holder != task);
        }
    }

    fn arrive(&mut self) {
        let picks: Vec<usize> = self
            .decided
            .iter()
            .map(|it| it.map_or(0, |(_, choice)| choice))
            .collect();
        if let Some(solution) = self.problem.evaluate(&picks) {
            let better = self.best.as_ref().is_none_or(|best| match self.aim {
                Aim::Cost => solution.cost < best.cost,
                Aim::Makespan => solution.makespan < best.makespan,
            });
            if better {
                self.best = Some(solution);
            }
        }
    }
}
