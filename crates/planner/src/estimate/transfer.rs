//! What moving data costs and how long it takes.

use domain::transfer::{BILLED_GIGABYTE, Path, Tariff};

use crate::ask::{Ask, Candidate};
use crate::market::{Card, Market};
use crate::question::{DataAt, Question};
use crate::search::problem::{LARGEST, NEVER};

/// Bits a millisecond by path: 10 Gbit/s within a region, 5 between regions of one provider and
/// 2 over the internet; single machines of the three clouds reach these (documentation of network
/// bandwidth, read 2026-11).
fn speed(path: Path) -> u128 {
    match path {
        Path::SameRegion | Path::Zones => 10_000_000,
        Path::Regions => 5_000_000,
        Path::Internet => 2_000_000,
    }
}

/// Milliseconds to move bytes along a card.
pub(crate) fn time(card: &Card, bytes: u64) -> i64 {
    if card.path == Path::SameRegion {
        // Read in place.
        return 0;
    }
    let time = u128::from(bytes) * 8 / speed(card.path);
    i64::try_from(time).unwrap_or(NEVER).min(LARGEST)
}

/// Bytes that already fill the tiers of a card this month. Where the question does not say, what
/// is free is taken to be used up: a plan must not promise what other work of the account has
/// long spent.
pub(crate) fn used(question: &Question, card: &Card) -> u64 {
    if card.path != Path::Internet {
        return 0;
    }
    let told = question.egress_used.get(&*card.provider).copied();
    told.unwrap_or_else(|| card.tariff.as_ref().map_or(0, |tariff| free(tariff)))
}

/// Bytes at the beginning of a tariff that cost nothing.
pub(crate) fn free(tariff: &Tariff) -> u64 {
    let unpaid = tariff.tiers().iter().take_while(|tier| tier.1.micros == 0);
    let edge = unpaid.filter_map(|tier| tier.0).max().unwrap_or(0);
    edge.saturating_mul(BILLED_GIGABYTE)
}

/// Micros to move bytes along a card when nothing else of the plan uses its tiers; [`NEVER`] when
/// the price is not known or beyond all measure.
pub(crate) fn cost(question: &Question, card: &Card, bytes: u64) -> i64 {
    if bytes == 0 {
        return 0;
    }
    if !card.known {
        return NEVER;
    }
    let Some(tariff) = &card.tariff else { return 0 };
    let cost = tariff.cost(bytes, used(question, card)).micros;
    if cost > LARGEST { NEVER } else { cost.max(0) }
}

/// Index of a region by name.
pub(crate) fn region_index(market: &Market, at: &DataAt) -> Option<u16> {
    let found = market
        .region_names
        .binary_search_by(|(p, r)| (&**p, &**r).cmp(&(at.provider.as_str(), at.region.as_str())));
    found.ok().map(|index| index as u16)
}

/// Card between a region and another.
pub(crate) fn region_card(market: &Market, from: u16, to: u16) -> u16 {
    market.region_cards[usize::from(from) * market.facts.len() + usize::from(to)]
}

/// Micros for data from and to fixed places when a workload runs on an offer.
pub(crate) fn fixed(ask: &Ask<'_>, candidate: Candidate) -> i64 {
    let market = ask.market;
    let here = market.region_of[usize::from(market.site[candidate.row as usize])];
    let mut sum = 0_i64;
    let paths = |data: &DataAt, out: bool| {
        let there = region_index(market, data)?;
        let (from, to) = if out { (here, there) } else { (there, here) };
        Some(&market.cards[usize::from(region_card(market, from, to))])
    };
    let inputs = ask.workload.inputs.iter().map(|data| (data, false));
    for (data, out) in inputs.chain(ask.workload.outputs.iter().map(|data| (data, true))) {
        let price = paths(data, out).map_or(NEVER, |card| cost(ask.question, card, data.bytes));
        sum = sum.saturating_add(price).min(NEVER);
    }
    sum
}
