//! Data of a question as flows of the problem, and the meters that flows share.

use std::collections::BTreeMap;

use super::{Origin, Place};
use crate::estimate::transfer::{cost, free, region_index, time, used};
use crate::question::{DataAt, Question};
use crate::search::meter::{Meter, Metered};
use crate::search::problem::{Ends, Flow, NEVER};

/// Flows while they are collected.
pub(super) struct Flows<'a> {
    /// The question.
    pub question: &'a Question,
    /// Cards that some pair of places uses.
    pub used: Vec<bool>,
    /// What has been collected.
    pub list: Vec<Flow>,
}

impl Flows<'_> {
    /// All data of the question that moves.
    pub(super) fn collect(&mut self, places: &[Place]) -> Vec<Origin> {
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
            paid: Vec::new(),
            costs,
            times,
        });
    }

    /// Meters for tariffs with tiers that several flows could fill together, one for each
    /// provider; the flows' costs become least shares.
    pub(super) fn meter(&mut self) -> (Vec<Meter>, Vec<Option<(u16, u16)>>) {
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
            let meter = &meters[usize::from(meter)];
            for flow in self.list.iter_mut().filter(|flow| flow.bytes > 0) {
                flow.paid.resize(of_card.len(), 0);
                if flow.costs[index] < NEVER {
                    let tariff = usize::from(tariff);
                    flow.costs[index] = meter.least_share(tariff, flow.bytes, whole);
                    flow.paid[index] = meter.paid_share(tariff, flow.bytes, whole);
                }
            }
        }
        (meters, of_card)
    }
}
