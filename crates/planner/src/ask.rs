//! One workload with everything its rules and estimates need, worked out once.

use domain::offer::Purchase;
use domain::region::{Region, Residency};

use crate::estimate::run_time::{self, RunEstimate};
use crate::market::{BOUGHT_KINDS, Market};
use crate::question::{Question, Workload};

/// How an offer is taken: one of the two price columns, or a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Taking {
    /// Bought by the hour; index of the price column.
    Bought(u8),
    /// From a commitment of the question, by index.
    Committed(u16),
}

/// One way to take one offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Row of the market.
    pub row: u32,
    /// How it is taken.
    pub taking: Taking,
}

impl Candidate {
    /// The purchase kind that people know.
    pub(crate) fn purchase(self) -> Option<Purchase> {
        match self.taking {
            Taking::Bought(column) => BOUGHT_KINDS.get(usize::from(column)).copied(),
            Taking::Committed(_) => None,
        }
    }

    /// Whether it may be taken away.
    pub(crate) fn is_spot(self) -> bool {
        self.purchase() == Some(Purchase::Spot)
    }
}

/// One workload, ready to be placed.
pub(crate) struct Ask<'a> {
    /// The question it is part of.
    pub question: &'a Question,
    /// The market.
    pub market: &'a Market,
    /// The workload.
    pub workload: &'a Workload,
    /// Rules for where it computes.
    pub compute: Vec<Residency>,
    /// Rules for where data that reaches it or that it writes may be.
    pub data: Vec<Residency>,
    /// Rules for the ends of every path its data takes.
    pub egress: Vec<Residency>,
    /// Of the rules for data, those that the rules for computing do not say of its place already.
    pub data_here: Vec<Residency>,
    /// Of the rules for paths, those that neither of the others says of its place.
    pub egress_here: Vec<Residency>,
    /// Of the rules for paths, those that the rules for data do not say of the fixed ends.
    pub egress_ends: Vec<Residency>,
    /// The place to stay near to.
    pub near: Option<&'a Region>,
    /// Regions of its inputs and outputs.
    pub ends: Vec<&'a Region>,
    /// Run time on each machine; `None` where it cannot be told.
    pub run: Vec<Option<RunEstimate>>,
}

fn parsed<'r>(rules: impl Iterator<Item = &'r String>) -> Vec<Residency> {
    let mut found: Vec<Residency> = rules.filter_map(|rule| rule.parse().ok()).collect();
    found.sort();
    found.dedup();
    found
}

/// The rules that are in none of the others: one demand is then one rule to relax.
fn without(rules: &[Residency], others: &[&Vec<Residency>]) -> Vec<Residency> {
    let said = |rule: &&Residency| !others.iter().any(|other| other.contains(rule));
    rules.iter().filter(said).cloned().collect()
}

impl<'a> Ask<'a> {
    /// Works out what a workload of a checked question asks for.
    pub(crate) fn new(question: &'a Question, workload: &'a Workload) -> Self {
        let market = &*question.market;
        // Data of a workload must stay lawful at those that read it.
        let writers = || {
            let links = question
                .links
                .iter()
                .filter(|link| link.to == workload.name);
            links.filter_map(|link| question.workloads.iter().find(|it| it.name == link.from))
        };
        let data = |of: &'a Workload| of.bounds.data_residency.iter();
        let egress = |of: &'a Workload| of.bounds.egress_residency.iter();
        let ends = workload.inputs.iter().chain(&workload.outputs);
        let near = workload.bounds.near.as_ref();
        let compute = parsed(workload.policy.residency.iter());
        let data = parsed(data(workload).chain(writers().flat_map(data)));
        let egress = parsed(egress(workload).chain(writers().flat_map(egress)));
        Self {
            question,
            market,
            workload,
            data_here: without(&data, &[&compute]),
            egress_here: without(&egress, &[&compute, &data]),
            egress_ends: without(&egress, &[&data]),
            compute,
            data,
            egress,
            near: near.and_then(|near| market.regions().get(&near.provider, &near.region)),
            ends: ends
                .filter_map(|end| market.regions().get(&end.provider, &end.region))
                .collect(),
            run: run_time::on_all_machines(question, workload),
        }
    }

    /// Facts of a site's region.
    pub(crate) fn facts(&self, site: usize) -> Option<&'a Region> {
        self.market.facts[usize::from(self.market.region_of[site])].as_ref()
    }

    /// Micros an hour for all nodes, through the managed service where one was asked for; `None`
    /// when it is not sold that way or does not fit.
    pub(crate) fn hourly(&self, candidate: Candidate) -> Option<i64> {
        let row = candidate.row as usize;
        let Taking::Bought(column) = candidate.taking else {
            return Some(0);
        };
        let price = self.market.prices[usize::from(column)][row];
        if price < 0 {
            return None;
        }
        let price = match self.rate(self.market.machine[row] as usize) {
            Some(1_000_000) => price,
            Some(rate) => {
                let scaled = i128::from(price) * i128::from(rate);
                i64::try_from((scaled + 500_000) / 1_000_000).ok()?
            }
            None => return None,
        };
        price.checked_mul(i64::from(self.workload.nodes()))
    }

    /// Price of the wanted service on a machine in millionths of the bare price.
    pub(crate) fn rate(&self, machine: usize) -> Option<u32> {
        if self.workload.services.is_empty() {
            return Some(1_000_000);
        }
        let provider = &*self.market.machines[machine].provider;
        let Some(service) = self.workload.services.get(provider) else {
            return Some(1_000_000);
        };
        let rates = self.market.rates[machine].iter();
        rates
            .into_iter()
            .find(|rate| *rate.service == **service)
            .map(|rate| rate.per_million)
    }
}
