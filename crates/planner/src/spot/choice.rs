//! Choosing between zones: which one to start in and when to leave one.
//!
//! Costs are in milliseconds of on-demand price, as in the outlook. `time` is the outlook's price
//! of a millisecond of time.

use super::forecast::Forecast;
use super::lifetimes::age;
use super::situation::{Action, Running, Situation};
use domain::Span;

/// Price of on-demand where the rest would run, in micro-dollars per hour.
pub fn on_demand_price(situation: &Situation<'_>) -> f64 {
    let zone = situation.market.zones.get(situation.best_on_demand());
    zone.map_or(1.0, |zone| zone.on_demand.micros.max(1) as f64)
}

/// What the zones' own rates and prices say about a choice between them.
struct Odds {
    /// Time until the zone is likely lost.
    life: f64,
    /// Spot price as a share of on-demand.
    price: f64,
    /// Cost of the changeover to it, transfer included; zero when it runs.
    start: f64,
    /// Cost of being interrupted there.
    loss: f64,
}

fn odds(
    situation: &Situation<'_>,
    forecast: &Forecast,
    step: Span,
    zone: usize,
    time: f64,
) -> Odds {
    let base = on_demand_price(situation);
    let history = situation.history;
    let seen = history
        .zones
        .get(zone)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let lasted = age(seen, history.gap);
    let horizon = situation.work_left.max(Span(1));
    let rates = forecast.zones.get(zone).unwrap_or(&forecast.whole);
    let life = rates.remaining_life(lasted, horizon, step);
    let spot = situation
        .market
        .zones
        .get(zone)
        .map_or(base, |zone| zone.spot.micros as f64);
    let price = spot / base;
    let job = situation.job;
    let again = (job.changeover.0 + job.checkpoint_every.0 / 2) as f64;
    let action = Action::Spot { zone };
    let ahead = if situation.keeps(action) {
        0
    } else {
        situation.changeover(action).0
    };
    Odds {
        life: life.0.max(1) as f64,
        price,
        start: (price + time) * ahead as f64 + transfer(situation, zone),
        loss: (price + time) * again,
    }
}

/// The zone of some whose spot costs least for each hour it is likely to last, changeovers included. A
/// running one is left only for a price that pays for the move while both would last: its likely
/// end is no reason, since the same changeover is due then and perhaps never.
pub fn best_zone(
    situation: &Situation<'_>,
    forecast: &Forecast,
    among: &[usize],
    step: Span,
    time: f64,
) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    let running = match situation.running {
        Running::Spot { zone, .. } => Some((zone, odds(situation, forecast, step, zone, time))),
        _ => None,
    };
    for &zone in among {
        if !situation.permits(Action::Spot { zone }) {
            continue;
        }
        let odds = odds(situation, forecast, step, zone, time);
        let score = match &running {
            Some((at, _)) if *at == zone => 0.0,
            Some((_, now)) => odds.start - (now.price - odds.price) * now.life.min(odds.life),
            None => odds.price + (odds.start + odds.loss) / odds.life,
        };
        if best.is_none_or(|(_, least)| score < least) {
            best = Some((zone, score));
        }
    }
    best.map(|(zone, _)| zone)
}

/// Price of bringing the checkpoint to this zone, in milliseconds of on-demand price.
pub fn transfer(situation: &Situation<'_>, zone: usize) -> f64 {
    let market = situation.market;
    if situation
        .home
        .is_some_and(|home| market.crosses_region(home, zone))
    {
        let micros = market.region_move.price.micros as f64;
        return micros * 3_600_000.0 / on_demand_price(situation);
    }
    0.0
}
