//! Bucket elimination, and mini-buckets where a bucket would grow too large.
//!
//! Dechter, "Bucket elimination: a unifying framework for reasoning" (1999); Dechter and Rish,
//! "Mini-buckets: a general scheme for bounded inference" (2003). Tasks are eliminated one by one
//! (the one with the fewest entries first); each leaves a table over the tasks it was linked to.
//! On trees the tables have one dimension and on series-parallel graphs two, so this *is* the
//! dynamic programme for them. When all buckets were whole, following the tables backwards is the
//! optimum; else what they promise is a lower bound which branch and bound closes.

use super::problem::{NEVER, Problem, plus};
use super::reduced::Reduced;

/// Most entries that eliminating one task may look at.
pub(crate) const LARGEST_BUCKET: usize = 1 << 19;

/// A table over some tasks, the last in `scope` running fastest.
#[derive(Debug, Clone)]
struct Table {
    scope: Vec<usize>,
    strides: Vec<usize>,
    values: Vec<i64>,
}

impl Table {
    fn at(&self, positions: &[usize]) -> i64 {
        let mut index = 0;
        for (&task, &stride) in self.scope.iter().zip(&self.strides) {
            index += positions[task] * stride;
        }
        self.values[index]
    }
}

/// Lower bounds on what is still to come, for every prefix of the search order.
#[derive(Debug)]
pub(crate) struct Buckets {
    /// The tasks in the order of the search; eliminated from the last to the first.
    pub order: Vec<usize>,
    /// For the task at each position: links to earlier ones and its own costs.
    own: Vec<Vec<Table>>,
    /// For each position: tables that promise what later positions cost.
    promised: Vec<Vec<Table>>,
    /// For each position: where the promises made for it are kept, as position and index.
    made: Vec<Vec<(usize, usize)>>,
    /// For each position: the promise made for it that depends on nothing.
    certain: Vec<i64>,
    /// Whether no bucket was split, so that the promises are exact.
    pub exact: bool,
}

fn strides(scope: &[usize], sizes: &[usize]) -> (Vec<usize>, usize) {
    let mut strides = vec![1; scope.len()];
    let mut total = 1_usize;
    for index in (0..scope.len()).rev() {
        strides[index] = total;
        total = total.saturating_mul(sizes[scope[index]]);
    }
    (strides, total)
}

/// Elimination order, first eliminated first: always the task whose bucket is the smallest.
fn elimination(sizes: &[usize], reduced: &Reduced) -> Vec<usize> {
    let tasks = sizes.len();
    let mut linked = vec![vec![false; tasks]; tasks];
    for join in &reduced.joins {
        linked[join.from][join.to] = true;
        linked[join.to][join.from] = true;
    }
    let mut left: Vec<usize> = (0..tasks).collect();
    let mut order = Vec::with_capacity(tasks);
    while !left.is_empty() {
        let weight = |task: usize| {
            let beside = left
                .iter()
                .filter(|&&other| other != task && linked[task][other]);
            beside.fold(sizes[task], |product, &other| {
                product.saturating_mul(sizes[other])
            })
        };
        let Some(&next) = left.iter().min_by_key(|&&task| (weight(task), task)) else {
            break;
        };
        left.retain(|&task| task != next);
        let beside: Vec<usize> = left
            .iter()
            .copied()
            .filter(|&other| linked[next][other])
            .collect();
        for &one in &beside {
            for &other in beside.iter().filter(|&&other| other != one) {
                linked[one][other] = true;
            }
        }
        order.push(next);
    }
    order
}

impl Buckets {
    /// Eliminates every task.
    ///
    /// `order` is the search order to keep to; without one, the cheapest to eliminate is found.
    pub(crate) fn new(
        problem: &Problem,
        reduced: &Reduced,
        order: Option<&[usize]>,
        largest: usize,
    ) -> Self {
        let tasks = reduced.places.len();
        let sizes: Vec<usize> = reduced.places.iter().map(Vec::len).collect();
        let order = order.map_or_else(
            || elimination(&sizes, reduced).into_iter().rev().collect(),
            <[usize]>::to_vec,
        );
        let mut position = vec![0; tasks];
        for (at, &task) in order.iter().enumerate() {
            position[task] = at;
        }
        let mut own: Vec<Vec<Table>> = order
            .iter()
            .map(|&task| {
                vec![Table {
                    scope: vec![task],
                    strides: vec![1],
                    values: reduced.unary[task].clone(),
                }]
            })
            .collect();
        for join in &reduced.joins {
            let early = if position[join.from] < position[join.to] {
                join.from
            } else {
                join.to
            };
            let late = if early == join.from {
                join.to
            } else {
                join.from
            };
            own[position[late]].push(Table {
                scope: vec![early, late],
                strides: vec![sizes[late], 1],
                values: reduced.table(problem, join, early),
            });
        }
        let mut buckets = Self {
            order,
            own,
            promised: vec![Vec::new(); tasks],
            made: vec![Vec::new(); tasks],
            certain: vec![0; tasks],
            exact: true,
        };
        for at in (0..tasks).rev() {
            buckets.eliminate(at, &sizes, &position, largest);
        }
        buckets
    }

    fn eliminate(&mut self, at: usize, sizes: &[usize], position: &[usize], largest: usize) {
        let task = self.order[at];
        let incoming: Vec<Table> = self.own[at]
            .iter()
            .chain(&self.promised[at])
            .cloned()
            .collect();
        let mut groups: Vec<(Vec<usize>, Vec<Table>)> = Vec::new();
        for table in incoming {
            let fits = groups.iter_mut().find(|(scope, _)| {
                let joined = union(scope, &table.scope, position);
                joined.len() == scope.len() || strides(&joined, sizes).1 <= largest
            });
            match fits {
                Some((scope, tables)) => {
                    *scope = union(scope, &table.scope, position);
                    tables.push(table);
                }
                None => groups.push((table.scope.clone(), vec![table])),
            }
        }
        self.exact &= groups.len() <= 1;
        for (mut scope, tables) in groups {
            scope.retain(|&other| other != task);
            let message = project(task, scope, &tables, sizes);
            match message.scope.iter().map(|&other| position[other]).max() {
                None => {
                    let least = message.values.first().copied().unwrap_or(NEVER);
                    self.certain[at] = plus(self.certain[at], least);
                }
                Some(last) => {
                    self.made[at].push((last, self.promised[last].len()));
                    self.promised[last].push(message);
                }
            }
        }
    }

    /// What is certain to be paid before anything is decided.
    pub(crate) fn bound(&self) -> i64 {
        self.certain.iter().fold(0, |sum, &more| plus(sum, more))
    }

    /// How much the bound rises when the task at `at` is decided, given the positions of it and
    /// of all before it; [`NEVER`] when that cannot be.
    pub(crate) fn rise(&self, at: usize, positions: &[usize]) -> i64 {
        let mut more = 0;
        for table in self.own[at].iter().chain(&self.promised[at]) {
            more = plus(more, table.at(positions));
        }
        if more >= NEVER {
            return NEVER;
        }
        let mut known = self.certain[at];
        for &(kept, index) in &self.made[at] {
            known = plus(known, self.promised[kept][index].at(positions));
        }
        if known >= NEVER { NEVER } else { more - known }
    }
}

fn union(one: &[usize], other: &[usize], position: &[usize]) -> Vec<usize> {
    let mut joined: Vec<usize> = one.to_vec();
    joined.extend(other.iter().filter(|task| !one.contains(task)));
    joined.sort_by_key(|&task| position[task]);
    joined
}

/// The least over all places of `task` of the sum of the tables, for each entry of `scope`.
fn project(task: usize, scope: Vec<usize>, tables: &[Table], sizes: &[usize]) -> Table {
    let (strides, total) = strides(&scope, sizes);
    let mut values = Vec::with_capacity(total);
    let mut positions = vec![0_usize; sizes.len()];
    let mut bases: Vec<(usize, usize)> = vec![(0, 0); tables.len()];
    for _ in 0..total {
        for (base, table) in bases.iter_mut().zip(tables) {
            *base = (0, 0);
            for (&other, &stride) in table.scope.iter().zip(&table.strides) {
                if other == task {
                    base.1 = stride;
                } else {
                    base.0 += positions[other] * stride;
                }
            }
        }
        let mut least = NEVER;
        for place in 0..sizes[task] {
            let mut sum = 0;
            for (&(base, stride), table) in bases.iter().zip(tables) {
                sum = plus(sum, table.values[base + place * stride]);
            }
            least = least.min(sum);
        }
        values.push(least);
        for &other in scope.iter().rev() {
            positions[other] += 1;
            if positions[other] < sizes[other] {
                break;
            }
            positions[other] = 0;
        }
    }
    Table {
        scope,
        strides,
        values,
    }
}
