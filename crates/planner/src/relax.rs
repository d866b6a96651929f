//! What would have to give way when nothing fits.
//!
//! Every rejected offer is known by the set of rules it breaks, so the smallest sets that would
//! let something through are found exactly; limits that only bind together (deadline, budget,
//! shared quotas) are tried by solving the question without them. Sets are tried by size, so the
//! first size with an answer is the smallest.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Money, Span};
use serde::{Deserialize, Serialize};

use crate::ask::Ask;
use crate::compose::placed;
use crate::filters::{COST, RULES, RuleSet};
use crate::pools::Pools;
use crate::question::{Objective, Question};
use crate::shortlist::Shortlist;
use crate::solve::{shortlist, solve};

/// Constraints that are not applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Relaxed {
    /// Rules by workload.
    pub rules: BTreeMap<usize, RuleSet>,
    /// Workloads whose own deadline is not applied.
    pub finish_by: BTreeSet<usize>,
    /// Whether the deadline of the objective is not applied.
    pub deadline: bool,
    /// Whether the budget is not applied.
    pub budget: bool,
}

/// One constraint that could give way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Constraint {
    /// A rule of a workload.
    Rule {
        /// The workload.
        workload: String,
        /// The rule's name.
        rule: String,
    },
    /// A workload's own deadline.
    WorkloadDeadline {
        /// The workload.
        workload: String,
    },
    /// The deadline of the whole question.
    Deadline,
    /// The budget of the whole question.
    Budget,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule { workload, rule } => write!(formatter, "{rule} of `{workload}`"),
            Self::WorkloadDeadline { workload } => write!(formatter, "deadline of `{workload}`"),
            Self::Deadline => formatter.write_str("the deadline"),
            Self::Budget => formatter.write_str("the budget"),
        }
    }
}

/// A way out: what gives way, and the best plan then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayOut {
    /// Constraints that would have to give way, all of them.
    pub relax: Vec<Constraint>,
    /// What the best plan would then cost.
    pub cost: Money,
    /// How long it would take.
    pub time: Span,
    /// Where each workload would then run, as `name: machine in place`.
    pub places: Vec<String>,
}

/// Solutions that are tried before the search for relaxations gives up.
const MOST_SOLUTIONS: usize = 48;
/// Sets of one size that are looked at.
const MOST_SETS: usize = 20_000;
/// Ways out that are told.
const MOST_TOLD: usize = 4;

/// A constraint as the search handles it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Atom {
    Rule(usize, usize),
    FinishBy(usize),
    Deadline,
    Budget,
}

/// The smallest sets of constraints to relax with the best plan for each, cheapest first, and
/// whether all smaller sets are proved not to do.
pub(crate) fn ways_out(
    question: &Question,
    asks: &[Ask<'_>],
    pools: &Pools,
    lists: &[Shortlist],
) -> (Vec<WayOut>, bool) {
    let atoms = atoms(question, asks, lists);
    let mut state = Search {
        question,
        asks,
        pools,
        lists,
        atoms,
        tried: 0,
        found: Vec::new(),
    };
    let mut exact = true;
    for size in 1..=state.atoms.len().min(6) {
        let mut sets = 0;
        let mut chosen = Vec::new();
        exact &= state.choose(size, 0, &mut chosen, &mut sets);
        if !state.found.is_empty() || !exact {
            break;
        }
    }
    state
        .found
        .sort_by_key(|it| (it.cost, it.time, it.relax.clone()));
    state.found.truncate(MOST_TOLD);
    (state.found, exact)
}

fn atoms(question: &Question, asks: &[Ask<'_>], lists: &[Shortlist]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (task, list) in lists.iter().enumerate() {
        let broken = list.tally.keys().fold(0, |all, mask| all | mask);
        for (index, rule) in RULES.iter().enumerate() {
            // Rules about single offers are only asked once all others hold, and so may be
            // broken by more offers than the tally knows.
            let unseen = (rule.offers() || index == COST) && rule.asked(&asks[task]);
            if rule.can_relax() && (broken & (1 << index) != 0 || unseen) {
                atoms.push(Atom::Rule(task, index));
            }
        }
        if question.workloads[task].policy.deadline.is_some() {
            atoms.push(Atom::FinishBy(task));
        }
    }
    if matches!(question.objective, Objective::CostWithin { .. }) {
        atoms.push(Atom::Deadline);
    }
    if question.budget.is_some() {
        atoms.push(Atom::Budget);
    }
    atoms
}

struct Search<'a, 'q> {
    question: &'a Question,
    asks: &'a [Ask<'q>],
    pools: &'a Pools,
    lists: &'a [Shortlist],
    atoms: Vec<Atom>,
    tried: usize,
    found: Vec<WayOut>,
}

impl Search<'_, '_> {
    /// Tries all sets of a size; false when not all could be looked at.
    fn choose(
        &mut self,
        size: usize,
        from: usize,
        chosen: &mut Vec<Atom>,
        sets: &mut usize,
    ) -> bool {
        if chosen.len() == size {
            *sets += 1;
            if !self.could_do(chosen) {
                return *sets < MOST_SETS;
            }
            self.tried += 1;
            if self.tried > MOST_SOLUTIONS {
                return false;
            }
            self.attempt(chosen);
            return true;
        }
        for at in from..self.atoms.len() {
            chosen.push(self.atoms[at]);
            let go_on = self.choose(size, at + 1, chosen, sets);
            chosen.pop();
            if !go_on {
                return false;
            }
        }
        true
    }

    fn rules(chosen: &[Atom], task: usize) -> RuleSet {
        chosen.iter().fold(0, |mask, atom| match atom {
            Atom::Rule(of, rule) if *of == task => mask | 1 << rule,
            _ => mask,
        })
    }

    /// Whether every workload has an offer whose broken rules are all given up.
    fn could_do(&self, chosen: &[Atom]) -> bool {
        self.lists.iter().enumerate().all(|(task, list)| {
            let given = Self::rules(chosen, task);
            !list.ways.is_empty() || list.tally.keys().any(|broken| broken & !given == 0)
        })
    }

    fn attempt(&mut self, chosen: &[Atom]) {
        let mut relaxed = Relaxed::default();
        for atom in chosen {
            match *atom {
                Atom::Rule(task, rule) => *relaxed.rules.entry(task).or_insert(0) |= 1 << rule,
                Atom::FinishBy(task) => {
                    relaxed.finish_by.insert(task);
                }
                Atom::Deadline => relaxed.deadline = true,
                Atom::Budget => relaxed.budget = true,
            }
        }
        let placed = placed(self.question);
        let lists: Vec<Shortlist> = (0..self.lists.len())
            .map(|task| {
                if relaxed.rules.contains_key(&task) {
                    shortlist(self.asks, self.pools, (task, placed[task]), &relaxed)
                } else {
                    self.lists[task].clone()
                }
            })
            .collect();
        if lists.iter().any(|list| list.ways.is_empty()) {
            return;
        }
        let solved = solve(self.question, lists, self.pools, &relaxed);
        let Some((best, ways)) = solved.best() else {
            return;
        };
        let places = ways.iter().enumerate().map(|(task, &way)| {
            let row = solved.lists[task].ways[way].candidate.row as usize;
            let name = &self.question.workloads[task].name;
            format!("{name}: {}", self.question.market.offer_name(row))
        });
        self.found.push(WayOut {
            relax: chosen.iter().map(|&atom| self.told(atom)).collect(),
            cost: Money::micros(best.cost),
            time: Span(best.makespan),
            places: places.collect(),
        });
    }

    fn told(&self, atom: Atom) -> Constraint {
        let name = |task: usize| self.question.workloads[task].name.clone();
        match atom {
            Atom::Rule(task, rule) => Constraint::Rule {
                workload: name(task),
                rule: RULES[rule].name().to_owned(),
            },
            Atom::FinishBy(task) => Constraint::WorkloadDeadline {
                workload: name(task),
            },
            Atom::Deadline => Constraint::Deadline,
            Atom::Budget => Constraint::Budget,
        }
    }
}
