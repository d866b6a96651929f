//! From shortlists to the problem of integers that the search solves.

mod flows;

use std::collections::BTreeSet;

use crate::estimate::transfer::{region_card, region_index};
use crate::market::Market;
use crate::pools::Pools;
use crate::question::{Objective, Question};
use crate::relax::Relaxed;
use crate::search::problem::{Choice, NEVER, Problem, Task};
use crate::search::together::Together;
use crate::shortlist::{Shortlist, Way};

use flows::Flows;

/// A place of the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Where data does not matter.
    Anywhere,
    /// A region as a whole, where data lies.
    Region(u16),
    /// A zone or region with offers.
    Site(u16),
}

/// Data that moves in a plan: which flow of the problem it is and what people call its ends.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A link of the question, by index.
    Link(usize),
    /// An input of a workload, by both indices.
    Input(usize, usize),
    /// An output of a workload, by both indices.
    Output(usize, usize),
}

/// The problem, and how to read its solution.
pub(crate) struct Composed {
    /// For the search.
    pub problem: Problem,
    /// What the flows of the problem are.
    pub origins: Vec<Origin>,
    places: Vec<Place>,
    placed: Vec<bool>,
}

/// Whether data moves from or to each workload.
pub(crate) fn placed(question: &Question) -> Vec<bool> {
    let moving = question.links.iter().filter(|link| link.bytes > 0);
    let linked: BTreeSet<&str> = moving
        .flat_map(|link| [link.from.as_str(), link.to.as_str()])
        .collect();
    let workloads = question.workloads.iter();
    workloads
        .map(|workload| {
            let mut fixed = workload.inputs.iter().chain(&workload.outputs);
            linked.contains(workload.name.as_str()) || fixed.any(|data| data.bytes > 0)
        })
        .collect()
}

/// Whether time matters anywhere in a question.
pub(crate) fn is_timed(question: &Question, relaxed: &Relaxed) -> bool {
    let due = question.workloads.iter().enumerate();
    let mut due = due.filter(|(task, _)| !relaxed.finish_by.contains(task));
    let within = matches!(question.objective, Objective::CostWithin { .. }) && !relaxed.deadline;
    within
        || question.objective == Objective::Time
        || question.settings.front
        || due.any(|(_, workload)| workload.policy.deadline.is_some())
}

impl Composed {
    /// Puts the shortlists of all workloads together.
    pub(crate) fn new(
        question: &Question,
        lists: &[Shortlist],
        pools: &Pools,
        relaxed: &Relaxed,
    ) -> Self {
        let placed = placed(question);
        let places = places(question, lists, &placed);
        let cards = cards(&question.market, &places);
        let mut flows = Flows {
            question,
            used: in_use(&question.market, &cards),
            list: Vec::new(),
        };
        let origins = flows.collect(&places);
        let meters = flows.meter();
        let list = flows.list;
        let mut composed = Self {
            problem: Problem {
                tasks: Vec::new(),
                // A checked question has no cycle.
                together: Together::new(lists.len(), &list).unwrap_or_default(),
                flows: list,
                places: places.len(),
                cards,
                meters: meters.0,
                meter_of_card: meters.1,
                pools: pools.limits.clone(),
                budget: if relaxed.budget {
                    NEVER
                } else {
                    question.budget.map_or(NEVER, |it| it.micros)
                },
                deadline: match question.objective {
                    Objective::CostWithin { deadline } if !relaxed.deadline => deadline.0,
                    _ => NEVER,
                },
            },
            origins,
            places,
            placed,
        };
        for (task, list) in lists.iter().enumerate() {
            let choices = composed.choices(task, &list.ways);
            let due = question.workloads[task]
                .policy
                .deadline
                .map_or(NEVER, |it| it.0);
            let finish_by = if relaxed.finish_by.contains(&task) {
                NEVER
            } else {
                due
            };
            composed.problem.tasks.push(Task { choices, finish_by });
        }
        composed
    }

    /// Choices for some ways to run a workload; the token is the position of the way.
    pub(crate) fn choices(&self, task: usize, ways: &[Way]) -> Vec<Choice> {
        let mut choices: Vec<Choice> = ways
            .iter()
            .enumerate()
            .map(|(token, way)| {
                let place = if self.placed[task] {
                    Place::Site(way.site)
                } else {
                    Place::Anywhere
                };
                Choice {
                    place: self.places.binary_search(&place).unwrap_or(0) as u16,
                    cost: way.cost,
                    time: way.time,
                    uses: way.uses.clone(),
                    token: token as u32,
                }
            })
            .collect();
        choices.sort_by_key(|it| (it.place, it.cost, it.time, it.token));
        choices
    }
}

fn places(question: &Question, lists: &[Shortlist], placed: &[bool]) -> Vec<Place> {
    let mut places = vec![Place::Anywhere];
    for (list, placed) in lists.iter().zip(placed) {
        if *placed {
            places.extend(list.ways.iter().map(|way| Place::Site(way.site)));
        }
    }
    for workload in &question.workloads {
        let data = workload.inputs.iter().chain(&workload.outputs);
        let regions = data.filter_map(|data| region_index(&question.market, data));
        places.extend(regions.map(Place::Region));
    }
    places.sort_unstable();
    places.dedup();
    places
}

fn cards(market: &Market, places: &[Place]) -> Vec<u16> {
    let region = |place: Place| match place {
        Place::Anywhere => None,
        Place::Region(region) => Some(region),
        Place::Site(site) => Some(market.region_of[usize::from(site)]),
    };
    let mut cards = Vec::with_capacity(places.len() * places.len());
    for &from in places {
        for &to in places {
            cards.push(match (from, to) {
                (Place::Site(from), Place::Site(to)) => market.card(from, to),
                _ => match (region(from), region(to)) {
                    (Some(from), Some(to)) => region_card(market, from, to),
                    _ => 0,
                },
            });
        }
    }
    cards
}

fn in_use(market: &Market, cards: &[u16]) -> Vec<bool> {
    let mut used = vec![false; market.cards.len()];
    for &card in cards {
        used[usize::from(card)] = true;
    }
    used
}
