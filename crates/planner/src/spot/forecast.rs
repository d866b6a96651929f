//! What the history of all zones says about spot as a whole and about each zone.
//!
//! A machine lives as long as its own zone lets it: losses are learned from all zones together.
//! When it is lost, another zone may have spot (a relocation) or none does. Spot returns when any
//! zone has it: returns are learned from the union of the zones. The prior treats zones as
//! independent and available half of the time; history corrects it.

use super::lifetimes::{AGES, Lifetimes, Rates, age};
use super::market::Market;
use super::rhythm::Rhythm;
use super::situation::History;
use domain::Span;

/// Losses that the prior of the share of relocations counts for.
const PRIOR_LOSSES: f64 = 5.0;

/// Learned rates, for the whole and for each zone.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// Losing a machine with no zone left, by the age of its zone; any zone's return.
    pub whole: Rates,
    /// Of each zone.
    pub zones: Vec<Rates>,
    /// Factors by time of day, of the whole.
    pub rhythm: Rhythm,
    /// Per hour, by age of its zone: losing a machine while another zone has spot.
    pub relocations: [f64; AGES],
    /// Mean of the lowest spot price that could be had, in micro-dollars per hour.
    pub price: f64,
}

impl Forecast {
    /// Learns from the history, filling in from `prior` (the rates of one unknown zone).
    pub fn learn(market: &Market, history: &History, prior: &Rates) -> Self {
        let mut zones = Vec::with_capacity(market.zones.len());
        let mut all = Lifetimes::default();
        for series in &history.zones {
            let mut seen = Lifetimes::default();
            seen.observe(series, history.gap);
            zones.push(seen.rates(prior));
            all.observe(series, history.gap);
        }
        let machine = all.rates(prior).up;
        let any = any_zone(history);
        let mut seen = Lifetimes::default();
        seen.observe(&any, history.gap);
        let many = zones.len().max(1) as f64;
        let union_prior = Rates {
            up: prior.up,
            down: prior.down.map(|rate| rate * many),
        };
        let elsewhere = elsewhere(history);
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
            price: mean_price(market, history),
            whole,
            zones,
            rhythm,
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

/// For how long the whole has been as it is now, and whether that is available.
pub fn present(history: &History) -> (bool, Span) {
    if let [only] = history.zones.as_slice() {
        return (only.last() == Some(&true), age(only, history.gap));
    }
    let any = any_zone(history);
    (any.last() == Some(&true), age(&any, history.gap))
}

fn any_zone(history: &History) -> Vec<bool> {
    let length = history.zones.first().map_or(0, Vec::len);
    let at = |index: usize| {
        history
            .zones
            .iter()
            .any(|zone| zone.get(index) == Some(&true))
    };
    (0..length).map(at).collect()
}

/// The share of losses at which another zone had spot.
fn elsewhere(history: &History) -> f64 {
    let others = i32::try_from(history.zones.len().saturating_sub(1)).unwrap_or(i32::MAX);
    if others <= 0 {
        return 0.0;
    }
    let (mut relocations, mut losses) = ((1.0 - 0.5_f64.powi(others)) * PRIOR_LOSSES, PRIOR_LOSSES);
    for series in &history.zones {
        for (at, pair) in series.windows(2).enumerate() {
            if pair[0] && !pair[1] {
                losses += 1.0;
                let any = history
                    .zones
                    .iter()
                    .any(|zone| zone.get(at + 1) == Some(&true));
                relocations += if any { 1.0 } else { 0.0 };
            }
        }
    }
    relocations / losses
}

fn mean_price(market: &Market, history: &History) -> f64 {
    let lowest = |available: &dyn Fn(usize) -> bool| {
        let zones = market.zones.iter().enumerate();
        let prices = zones.filter(|(zone, _)| available(*zone));
        prices.map(|(_, zone)| zone.spot.micros).min()
    };
    let cheapest = lowest(&|_| true).unwrap_or(0) as f64;
    if market.zones.len() < 2 {
        return cheapest;
    }
    // The cheapest price counts as a day of samples until prices were really met.
    let day = 86_400_000.0 / history.gap.0.max(1) as f64;
    let (mut sum, mut count) = (cheapest * day, day);
    let length = history.zones.first().map_or(0, Vec::len);
    for at in 0..length {
        let there = |zone: usize| history.zones[zone].get(at) == Some(&true);
        if let Some(price) = lowest(&there) {
            sum += price as f64;
            count += 1.0;
        }
    }
    sum / count
}
