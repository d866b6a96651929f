//! What the history of all zones says about spot as a whole and about each zone.
//!
//! A machine lives as long as its own zone lets it: losses are learned from all zones together.
//! When it is lost, another zone of its region may have spot (a relocation) or none does. Spot
//! returns when any zone of the region has it: returns are learned from the union of its zones.
//! The other regions are one more source of spot, there or not there. The prior treats zones as
//! independent and available half of the time; history corrects it.

use super::lifetimes::{AGES, Class, Lifetimes, Rates, age};
use super::market::Market;
use super::rhythm::Rhythm;
use super::situation::History;
use domain::Span;

/// Losses that the prior of the share of relocations counts for.
const PRIOR_LOSSES: f64 = 5.0;

/// Hours that the prior of the other regions' rates counts for.
const PRIOR_HOURS: f64 = 20.0;
/// Longest time that a rate over all ages looks ahead.
const HORIZON: Span = Span(48 * 3_600_000);

/// What regions other than the one of the checkpoint offer, taken together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Others {
    /// Per hour: that none of them has spot any more, and that one has it again.
    pub rates: (f64, f64),
    /// Share of the time that one of them, but for the one that was moved to, has spot.
    pub third: f64,
    /// Mean of the lowest spot price that could be had there, in micro-dollars per hour.
    pub price: f64,
}

/// Learned rates, for one region as a whole and for each zone.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// Losing a machine with no zone of the region left, by the age of its zone; any zone's return.
    pub whole: Rates,
    /// Of each zone of the market.
    pub zones: Vec<Rates>,
    /// Factors by time of day, of the region.
    pub rhythm: Rhythm,
    /// Per hour, by age of its zone: losing a machine while another zone of the region has spot.
    pub relocations: [f64; AGES],
    /// Mean of the lowest spot price that could be had, in micro-dollars per hour.
    pub price: f64,
    /// The other regions, where there are any.
    pub others: Option<Others>,
}

/// The zones of a region and those of all others, by index.
pub fn split(market: &Market, region: &str) -> (Vec<usize>, Vec<usize>) {
    (0..market.zones.len()).partition(|zone| market.zones[*zone].region == region)
}

impl Forecast {
    /// Learns from the history how things look from `region`, filling in from `prior` (the rates
    /// of one unknown zone).
    pub fn learn(market: &Market, history: &History, prior: &Rates, region: &str) -> Self {
        let (near, far) = split(market, region);
        let mut zones = Vec::with_capacity(market.zones.len());
        let mut all = Lifetimes::default();
        for series in &history.zones {
            let mut seen = Lifetimes::default();
            seen.observe(series, history.gap);
            zones.push(seen.rates(prior));
            all.observe(series, history.gap);
        }
        let machine = all.rates(prior).up;
        let any = any_zone(history, &near);
        let mut seen = Lifetimes::default();
        seen.observe(&any, history.gap);
        let many = near.len().max(1) as f64;
        let union_prior = Rates {
            up: prior.up,
            down: prior.down.map(|rate| rate * many),
        };
        let elsewhere = elsewhere(history, &near);
        let whole = Rates {
            up: machine.map(|rate| rate * (1.0 - elsewhere)),
            down: seen.rates(&union_prior).down,
        };
        let rhythm = match history.clock {
            Some(clock) => Rhythm::learn(&[any], history.gap, clock, &whole),
            None => Rhythm::FLAT,
        };
        Self {
            relocations: machine.map(|rate| rate * elsewhere),
            price: mean_price(market, history, &near),
            whole,
            zones,
            rhythm,
            others: (!far.is_empty()).then(|| others(market, history, prior, &far)),
        }
    }

    /// Time of day now, when the history knows it.
    pub fn clock(history: &History) -> Option<Span> {
        let seen = history.zones.first().map_or(0, Vec::len);
        let passed = i64::try_from(seen.saturating_sub(1)).ok()?;
        let clock = history.clock?;
        Some(Span(
            clock.0.saturating_add(passed.saturating_mul(history.gap.0)),
        ))
    }
}

/// For how long these zones together have been as they are now, and whether that is available.
pub fn present(history: &History, zones: &[usize]) -> (bool, Span) {
    if let [only] = zones {
        let seen = history.zones.get(*only).map(Vec::as_slice);
        let seen = seen.unwrap_or_default();
        return (seen.last() == Some(&true), age(seen, history.gap));
    }
    let any = any_zone(history, zones);
    (any.last() == Some(&true), age(&any, history.gap))
}

fn has(history: &History, zone: usize, at: usize) -> bool {
    let series = history.zones.get(zone);
    series.and_then(|series| series.get(at)) == Some(&true)
}

fn any_zone(history: &History, zones: &[usize]) -> Vec<bool> {
    let length = history.zones.first().map_or(0, Vec::len);
    let at = |index: usize| zones.iter().any(|zone| has(history, *zone, index));
    (0..length).map(at).collect()
}

/// The share of losses at which another of these zones had spot.
fn elsewhere(history: &History, zones: &[usize]) -> f64 {
    let others = i32::try_from(zones.len().saturating_sub(1)).unwrap_or(i32::MAX);
    if others <= 0 {
        return 0.0;
    }
    let (mut relocations, mut losses) = ((1.0 - 0.5_f64.powi(others)) * PRIOR_LOSSES, PRIOR_LOSSES);
    for series in zones.iter().filter_map(|zone| history.zones.get(*zone)) {
        for (at, pair) in series.windows(2).enumerate() {
            if pair[0] && !pair[1] {
                losses += 1.0;
                let any = zones.iter().any(|zone| has(history, *zone, at + 1));
                relocations += if any { 1.0 } else { 0.0 };
            }
        }
    }
    relocations / losses
}

/// The prior takes the zones as independent and available half of the time.
fn others(market: &Market, history: &History, prior: &Rates, zones: &[usize]) -> Others {
    let many = i32::try_from(zones.len()).unwrap_or(i32::MAX);
    let (lose, gain) = prior.overall(HORIZON, history.gap);
    let (lose, gain) = (lose * 0.5_f64.powi(many - 1), gain * f64::from(many));
    let mut seen = Lifetimes::default();
    seen.observe(&any_zone(history, zones), history.gap);
    let (up, down) = seen.totals();
    let rate = |class: Class, prior: f64| {
        (class.events + prior * PRIOR_HOURS) / (class.hours + PRIOR_HOURS)
    };
    let mut regions: Vec<&str> = Vec::new();
    for zone in zones.iter().map(|zone| &market.zones[*zone]) {
        if !regions.contains(&zone.region.as_str()) {
            regions.push(&zone.region);
        }
    }
    let rates = (rate(up, lose), rate(down, gain));
    let there = rates.1 / (rates.0 + rates.1).max(1e-9);
    // One region's share, were the regions alike and independent: 1 - (1 - share)^n is the whole.
    let mut one = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(one.0, one.1);
        let whole = 1.0 - (1.0_f64 - middle).powi(i32::try_from(regions.len()).unwrap_or(1));
        if whole < there {
            one.0 = middle;
        } else {
            one.1 = middle;
        }
    }
    let rest = i32::try_from(regions.len().saturating_sub(1)).unwrap_or(0);
    Others {
        rates,
        third: 1.0 - (1.0 - one.0).powi(rest),
        price: mean_price(market, history, zones),
    }
}

fn mean_price(market: &Market, history: &History, zones: &[usize]) -> f64 {
    let lowest = |available: &dyn Fn(usize) -> bool| {
        let prices = zones.iter().filter(|zone| available(**zone));
        prices.map(|zone| market.zones[*zone].spot.micros).min()
    };
    let cheapest = lowest(&|_| true).unwrap_or(0) as f64;
    if zones.len() < 2 {
        return cheapest;
    }
    // The cheapest price counts as a day of samples until prices were really met.
    let day = 86_400_000.0 / history.gap.0.max(1) as f64;
    let (mut sum, mut count) = (cheapest * day, day);
    let length = history.zones.first().map_or(0, Vec::len);
    for at in 0..length {
        if let Some(price) = lowest(&|zone| has(history, zone, at)) {
            sum += price as f64;
            count += 1.0;
        }
    }
    sum / count
}
