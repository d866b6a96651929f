//! From a hundred thousand offers to the few that can matter.
//!
//! Machine types and places are judged once each; an offer's verdict is the union of both and of
//! what only the offer itself can break. What passes is compared with what else there is at the
//! same place, where data costs the same: an offer that is no better there in any respect can be
//! left out of every plan (safe dominance). Rejected offers are counted by the set of rules they
//! break, which is all that explanations and relaxations need.

mod place;
mod sites;

use std::collections::BTreeMap;

use crate::ask::{Ask, Candidate, Taking};
use crate::estimate::run_time::RunEstimate;
use crate::estimate::{billing, interruption, terms_with, transfer};
use crate::filters::{COST, MEASURE, PURCHASE, QUARANTINE, QUOTA, RULES, RuleSet};
use crate::market::{BOUGHT_KINDS, NOT_SOLD, QUARANTINED};
use crate::pools::{Pools, committed};
use crate::search::problem::NEVER;

use place::Place;
use sites::judge_sites;

/// An offer that passed, with what counts of its estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// The offer and how it is taken.
    pub candidate: Candidate,
    /// Its place.
    pub site: u16,
    /// Micros, transfers excluded.
    pub cost: i64,
    /// Milliseconds.
    pub time: i64,
    /// What it takes from pools.
    pub uses: Vec<(u16, i64)>,
}

/// Rejected offers by the set of rules they break: how many, and the first of them.
pub(crate) type Tally = BTreeMap<RuleSet, (u64, Candidate)>;

/// What is left for one workload.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shortlist {
    /// By place, then cost, then time: everything a best plan may use.
    pub ways: Vec<Way>,
    /// Near misses for explanations.
    pub beside: Vec<Way>,
    /// Rejected offers.
    pub tally: Tally,
    /// Offers looked at, each way to buy counted.
    pub considered: u64,
}

/// How the scan is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scan {
    /// Rules that are not applied.
    pub relaxed: RuleSet,
    /// Whether time matters, so that dearer but faster offers are kept.
    pub timed: bool,
    /// Whether places differ: data moves from or to the workload.
    pub placed: bool,
}

struct Scanner<'a, 'q> {
    ask: &'a Ask<'q>,
    pools: &'a Pools,
    scan: Scan,
    by_site: Vec<u8>,
    classes: Vec<RuleSet>,
    places: Vec<Place>,
    list: Shortlist,
    offer_rules: Vec<usize>,
    /// Expected spot time of the current run for each interruption band that was met.
    spot: BTreeMap<u8, Option<(i64, i64)>>,
    spot_run: Option<RunEstimate>,
    /// By machine class and site class: counts and first offer, bought one way.
    counts: Vec<(u64, Option<Candidate>)>,
}

/// Scans the whole market for one workload.
pub(crate) fn scan(ask: &Ask<'_>, pools: &Pools, scan: Scan) -> Shortlist {
    let (by_site, classes) = judge_sites(ask, scan.relaxed);
    let active = |index: &usize| {
        let rule = RULES[*index];
        scan.relaxed & (1 << index) == 0 && rule.offers() && rule.asked(ask)
    };
    let special = [PURCHASE, QUARANTINE];
    let offer_rules = (0..RULES.len())
        .filter(|it| !special.contains(it))
        .filter(active)
        .collect();
    let most = ask.question.settings.runners_up.saturating_add(1);
    let place = Place {
        most,
        dear: i64::MAX,
        ..Place::default()
    };
    let counts = vec![(0, None); classes.len() * BOUGHT_KINDS.len()];
    let mut scanner = Scanner {
        ask,
        pools,
        scan,
        places: vec![
            place;
            if scan.placed {
                ask.market.sites.len()
            } else {
                1
            }
        ],
        by_site,
        classes,
        list: Shortlist::default(),
        offer_rules,
        spot: BTreeMap::new(),
        spot_run: None,
        counts,
    };
    let kinds = [0, 1].map(|column| scanner.kind_allowed(Taking::Bought(column)));
    let paid = scanner.kind_allowed(Taking::Committed(0));
    for machine in 0..ask.market.machines.len() {
        scanner.machine(machine, kinds, paid);
    }
    scanner.finish()
}

impl Scanner<'_, '_> {
    fn kind_allowed(&self, taking: Taking) -> bool {
        let candidate = Candidate { row: 0, taking };
        self.scan.relaxed & (1 << PURCHASE) != 0 || RULES[PURCHASE].offer(self.ask, candidate)
    }

    fn machine(&mut self, machine: usize, kinds: [bool; 2], paid: bool) {
        let ask = self.ask;
        let mut own: RuleSet = 0;
        for (index, rule) in RULES.iter().enumerate() {
            if self.scan.relaxed & (1 << index) == 0
                && rule.asked(ask)
                && !rule.machine(ask, machine)
            {
                own |= 1 << index;
            }
        }
        let run = ask.run[machine];
        if run.is_none() {
            // Nothing can be said of it, relaxed or not.
            own |= 1 << MEASURE;
        }
        let rows = ask.market.rows_of[machine].clone();
        let commitments = if ask.question.commitments.is_empty() {
            Vec::new()
        } else {
            committed(ask, machine)
        };
        for (column, allowed) in kinds.into_iter().enumerate() {
            let purchase = if allowed { 0 } else { 1 << PURCHASE };
            self.column(column, rows.clone(), own | purchase, run);
        }
        for row in rows {
            for &index in &commitments {
                let candidate = Candidate {
                    row,
                    taking: Taking::Committed(index),
                };
                if self.in_contract(row, index) {
                    self.list.considered += 1;
                    let kind = if paid { 0 } else { 1 << PURCHASE };
                    let class = self.by_site[usize::from(ask.market.site[row as usize])];
                    let broken = own | kind | self.classes[usize::from(class)];
                    match run {
                        Some(run) if broken == 0 => self.offer(candidate, run),
                        _ => self.reject(broken, candidate),
                    }
                }
            }
        }
    }

    fn in_contract(&self, row: u32, index: u16) -> bool {
        let region = self.ask.question.commitments[usize::from(index)]
            .region
            .as_deref();
        let site = &self.ask.market.sites[usize::from(self.ask.market.site[row as usize])];
        region.is_none_or(|region| *region == *site.region)
    }

    /// All rows of a machine, bought one way.
    fn column(
        &mut self,
        column: usize,
        rows: std::ops::Range<u32>,
        own: RuleSet,
        run: Option<RunEstimate>,
    ) {
        let market = self.ask.market;
        let taking = Taking::Bought(column as u8);
        let billed = run.map_or(0, |run| self.least_billed(rows.start, run));
        let nodes = i64::from(self.ask.workload.nodes());
        let quick = self.ask.workload.services.is_empty() && self.pools.limits.is_empty();
        let time = run.map_or(0, |run| {
            if self.ask.question.settings.cautious {
                run.late
            } else {
                run.likely
            }
        });
        for row in rows {
            let at = row as usize;
            let price = market.prices[column][at];
            if price == NOT_SOLD {
                continue;
            }
            self.list.considered += 1;
            let site = usize::from(market.site[at]);
            let class = usize::from(self.by_site[site]);
            if own != 0 || self.classes[class] != 0 || price == QUARANTINED {
                let slot = &mut self.counts[class * BOUGHT_KINDS.len() + column];
                if price == QUARANTINED {
                    let broken = own | self.classes[class] | 1 << QUARANTINE;
                    self.reject(broken, Candidate { row, taking });
                } else {
                    slot.0 += 1;
                    slot.1 = slot.1.or(Some(Candidate { row, taking }));
                }
                continue;
            }
            if quick {
                let place = &self.places[if self.scan.placed { site } else { 0 }];
                let product = price.saturating_mul(nodes).saturating_mul(billed);
                if product > place.dear && (!self.scan.timed || place.beats(product, time)) {
                    self.offer_rejected_only(Candidate { row, taking });
                    continue;
                }
            }
            if let Some(run) = run {
                self.offer(Candidate { row, taking }, run);
            }
        }
        self.flush(own);
    }

    /// Moves the counts of one machine and purchase kind into the tally.
    fn flush(&mut self, own: RuleSet) {
        for index in 0..self.counts.len() {
            let (count, first) = std::mem::take(&mut self.counts[index]);
            if let Some(first) = first {
                let broken = own | self.classes[index / BOUGHT_KINDS.len()];
                self.list.tally.entry(broken).or_insert((0, first)).0 += count;
            }
        }
    }

    fn reject(&mut self, broken: RuleSet, candidate: Candidate) {
        self.list.tally.entry(broken).or_insert((0, candidate)).0 += 1;
    }

    /// Milliseconds that are billed at least, whatever way the machine is bought.
    fn least_billed(&self, row: u32, run: RunEstimate) -> i64 {
        let provider =
            &*self.ask.market.machines[self.ask.market.machine[row as usize] as usize].provider;
        let set_up = self.ask.workload.set_up.0;
        billing::billed(
            self.ask.market.is_own(provider),
            set_up.saturating_add(run.likely),
        )
    }

    fn broken_by_offer(&self, candidate: Candidate) -> RuleSet {
        let broken = self
            .offer_rules
            .iter()
            .filter(|&&at| !RULES[at].offer(self.ask, candidate));
        broken.fold(0, |mask, &at| mask | 1 << at)
    }

    /// Counts what a dear offer breaks; it is not kept either way.
    fn offer_rejected_only(&mut self, candidate: Candidate) {
        if self.offer_rules.is_empty() {
            return;
        }
        let broken = self.broken_by_offer(candidate);
        if broken != 0 {
            self.reject(broken, candidate);
        }
    }

    fn offer(&mut self, candidate: Candidate, run: RunEstimate) {
        let broken = self.broken_by_offer(candidate);
        if broken != 0 {
            self.reject(broken, candidate);
            return;
        }
        let expected = self.expected(candidate, run);
        let terms = expected.and_then(|expected| terms_with(self.ask, candidate, run, expected));
        let Some(terms) = terms else {
            self.reject(1 << MEASURE, candidate);
            return;
        };
        let cost = terms.cost();
        if let (Some(most), 0) = (
            self.ask.workload.policy.maximum_cost,
            self.scan.relaxed & (1 << COST),
        ) {
            let whole = cost
                .saturating_add(transfer::fixed(self.ask, candidate))
                .min(NEVER);
            if whole > most.micros {
                self.reject(1 << COST, candidate);
                return;
            }
        }
        let site = self.ask.market.site[candidate.row as usize];
        let uses = if self.pools.limits.is_empty() {
            Vec::new()
        } else {
            self.pools
                .uses(self.ask, candidate, self.scan.relaxed & (1 << QUOTA) != 0)
        };
        let time = terms.time(self.ask.question.settings.cautious);
        let machine = self.ask.market.machine[candidate.row as usize];
        let place = &mut self.places[if self.scan.placed {
            usize::from(site)
        } else {
            0
        }];
        place.note(
            machine,
            Way {
                candidate,
                site,
                cost,
                time,
                uses,
            },
            self.scan.timed,
        );
    }

    /// Milliseconds the run is expected to take, likely and late.
    fn expected(&mut self, candidate: Candidate, run: RunEstimate) -> Option<(i64, i64)> {
        let workload = self.ask.workload;
        if !candidate.is_spot() {
            let saving = |time| interruption::with_checkpoints(workload, time);
            return Some((saving(run.likely), saving(run.late)));
        }
        if self.spot_run != Some(run) {
            self.spot_run = Some(run);
            self.spot.clear();
        }
        let percent = self.ask.market.interruption[candidate.row as usize];
        *self.spot.entry(percent).or_insert_with(|| {
            let hazard = interruption::Hazard::new(percent, workload.nodes());
            Some((
                hazard.expected(workload, run.likely)?,
                hazard.expected(workload, run.late)?,
            ))
        })
    }

    fn finish(mut self) -> Shortlist {
        for place in &mut self.places {
            self.list.ways.append(&mut place.front);
            for &(cost, _, candidate, time) in &place.top {
                let site = self.ask.market.site[candidate.row as usize];
                let uses = self.pools.uses(self.ask, candidate, false);
                self.list.beside.push(Way {
                    candidate,
                    site,
                    cost,
                    time,
                    uses,
                });
            }
        }
        let key = |way: &Way| {
            (
                way.site,
                way.cost,
                way.time,
                way.candidate.row,
                way.candidate.taking,
            )
        };
        self.list.ways.sort_by_key(key);
        self.list.beside.sort_by_key(key);
        self.list
    }
}
