//! From shortlists to the problem of integers that the search solves.

use std::collections::BTreeMap;

use crate::estimate::transfer::{cost, free, region_card, region_index, time, used};
use crate::market::Market;
use crate::pools::Pools;
use crate::question::{DataAt, Objective, Question};
use crate::relax::Relaxed;
use crate::search::meter::{Meter, Metered};
use crate::search::problem::{Choice, Ends, Flow, NEVER, Problem, Task};
use crate::search::together::Together;
use crate::shortlist::{Shortlist, Way};

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

/// Whether data moves from or to a workload.
pub(crate) fn is_placed(question: &Question, task: usize) -> bool {
    let workload = &question.workloads[task];
    let fixed = workload.inputs.iter().chain(&workload.outputs);
    let bytes = fixed.map(|data| data.bytes);
    let links = question.links.iter();
    let linked = links.filter(|link| link.from == workload.name || link.to == workload.name);
    bytes
        .chain(linked.map(|link| link.bytes))
        .any(|bytes| bytes > 0)
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
        let placed: Vec<bool> = (0..lists.len())
            .map(|task| is_placed(question, task))
            .collect();
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

/// Flows while they are collected.
struct Flows<'a> {
    question: &'a Question,
    used: Vec<bool>,
    list: Vec<Flow>,
}

impl Flows<'_> {
    fn collect(&mut self, places: &[Place]) -> Vec<Origin> {
        let question = self.question;
        let index: BTreeMap<&str, usize> = question
            .workloads
            .iter()
            .enumerate()
            .map(|(at, it)| (it.name.as_str(), at))
            .collect();
        let mut origins = Vec::new();
        for (at, link) in question.links.iter().enumerate() {
            let ends = (index.get(link.from.as_str()), index.get(link.to.as_str()));
            if let (Some(&from), Some(&to)) = ends {
                self.add(Ends::Link { from, to }, link.bytes);
                origins.push(Origin::Link(at));
            }
        }
        let place = |data: &DataAt| {
            let region = region_index(&question.market, data)?;
            places
                .binary_search(&Place::Region(region))
                .ok()
                .map(|at| at as u16)
        };
        for (task, workload) in question.workloads.iter().enumerate() {
            for (at, data) in workload
                .inputs
                .iter()
                .enumerate()
                .filter(|it| it.1.bytes > 0)
            {
                if let Some(place) = place(data) {
                    self.add(Ends::Import { place, to: task }, data.bytes);
                    origins.push(Origin::Input(task, at));
                }
            }
            for (at, data) in workload
                .outputs
                .iter()
                .enumerate()
                .filter(|it| it.1.bytes > 0)
            {
                if let Some(place) = place(data) {
                    self.add(Ends::Export { from: task, place }, data.bytes);
                    origins.push(Origin::Output(task, at));
                }
            }
        }
        origins
    }

    fn add(&mut self, ends: Ends, bytes: u64) {
        let market = &self.question.market;
        let known = self.list.iter().find(|flow| flow.bytes == bytes);
        let (costs, times) = match known {
            Some(flow) => (flow.costs.clone(), flow.times.clone()),
            None => market
                .cards
                .iter()
                .zip(&self.used)
                .map(|(card, &used)| {
                    if used {
                        (cost(self.question, card, bytes), time(card, bytes))
                    } else {
                        (NEVER, 0)
                    }
                })
                .unzip(),
        };
        self.list.push(Flow {
            ends,
            bytes,
            costs,
            times,
        });
    }

    /// Meters for tariffs with tiers that several flows could fill together, one for each
    /// provider; the flows' costs become least shares.
    fn meter(&mut self) -> (Vec<Meter>, Vec<Option<(u16, u16)>>) {
        let market = &self.question.market;
        let mut of_card = vec![None; market.cards.len()];
        let mut meters: Vec<Meter> = Vec::new();
        let mut of_provider: BTreeMap<&str, u16> = BTreeMap::new();
        let whole = self
            .list
            .iter()
            .fold(0_u64, |sum, flow| sum.saturating_add(flow.bytes));
        if self.list.iter().filter(|flow| flow.bytes > 0).count() < 2 {
            return (meters, of_card);
        }
        for (index, card) in market.cards.iter().enumerate() {
            let tariff = card.tariff.as_ref().filter(|it| it.tiers().len() > 1);
            let Some(tariff) = tariff.filter(|_| self.used[index] && card.known) else {
                continue;
            };
            let used = used(self.question, card);
            let free = free(tariff);
            let metered = Metered {
                tariff: tariff.clone(),
                from: used.max(free),
            };
            if used >= free && metered.is_flat(whole) {
                // Every byte costs the same: flows do not need each other to be priced.
                continue;
            }
            let meter = *of_provider.entry(&card.provider).or_insert_with(|| {
                meters.push(Meter {
                    free: u64::MAX,
                    tariffs: Vec::new(),
                });
                (meters.len() - 1) as u16
            });
            let shared = &mut meters[usize::from(meter)];
            // Where tariffs of one provider disagree, the least is free.
            shared.free = shared.free.min(free.saturating_sub(used));
            of_card[index] = Some((meter, shared.tariffs.len() as u16));
            shared.tariffs.push(metered);
        }
        for (index, entry) in of_card.iter().enumerate() {
            let Some((meter, tariff)) = *entry else {
                continue;
            };
            for flow in self.list.iter_mut().filter(|flow| flow.bytes > 0) {
                if flow.costs[index] < NEVER {
                    let meter = &meters[usize::from(meter)];
                    flow.costs[index] = meter.least_share(usize::from(tariff), flow.bytes, whole);
                }
            }
        }
        (meters, of_card)
    }
}
