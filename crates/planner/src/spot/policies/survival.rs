//! Tradewind's own policy: act on the expected cost under learned lifetimes of spot.
//!
//! Uniform Progress looks only at progress; this one also looks at how long spot has lasted or has
//! been away, since young spot dies and long absences go on. At each decision it takes the action
//! with the least expected cost of finishing, from a value iteration over the rates learned so
//! far; with several zones it takes the one with the lowest price per useful hour, counting
//! changeovers against the life that the zone's own rates promise. The safety net stands above.

use super::super::forecast::{Forecast, present};
use super::super::lifetimes::{Rates, age, class_of, probability};
use super::super::outlook::{Assumptions, Mode, Outlook, Sight, TYPICAL};
use super::super::situation::{Action, Running, Situation};
use super::Policy;
use domain::Span;

/// Time between two refits of the rates and the outlook.
const REFIT: Span = Span(6 * 3_600_000);
/// Smallest difference, in milliseconds of on-demand price, for which a machine is changed.
const NOTABLE: f64 = 1.0;

/// The policy with what it has learned so far.
#[derive(Debug)]
pub struct Survival {
    prior: Rates,
    fitted: Option<Fit>,
}

#[derive(Debug)]
struct Fit {
    left: Span,
    forecast: Forecast,
    outlook: Outlook,
}

impl Default for Survival {
    fn default() -> Self {
        Self::with_prior(Rates::PUBLISHED)
    }
}

impl Policy for Survival {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        let due = |fit: &Fit| fit.left.0 - situation.left.0 >= REFIT.0;
        if self.fitted.as_ref().is_none_or(due) {
            self.fitted = Some(fit(situation, &self.prior));
        }
        let wish = match &self.fitted {
            Some(fit) => wish(situation, fit),
            None => Action::Wait,
        };
        situation.guard(wish)
    }
}

impl Survival {
    /// Starts from these rates for a zone nobody has watched.
    pub fn with_prior(prior: Rates) -> Self {
        Self {
            prior,
            fitted: None,
        }
    }
}

fn on_demand_price(situation: &Situation<'_>) -> f64 {
    let zone = situation.market.zones.get(situation.best_on_demand());
    zone.map_or(1.0, |zone| zone.on_demand.micros.max(1) as f64)
}

fn fit(situation: &Situation<'_>, prior: &Rates) -> Fit {
    let history = situation.history;
    let forecast = Forecast::learn(situation.market, history, prior);
    let outlook = Outlook::solve(&Assumptions {
        rates: &forecast.whole,
        rhythm: &forecast.rhythm,
        clock: Forecast::clock(history),
        relocations: forecast.relocations,
        price: forecast.price / on_demand_price(situation),
        changeover: situation.job.changeover,
        checkpoint_every: situation.job.checkpoint_every,
        left: situation.left,
        slack: Span(situation.left.0 - situation.work_left.0),
        gap: history.gap.max(situation.step),
    });
    Fit {
        left: situation.left,
        forecast,
        outlook,
    }
}

fn wish(situation: &Situation<'_>, fit: &Fit) -> Action {
    let outlook = &fit.outlook;
    let steps = usize::try_from(situation.left.0 / outlook.step().0).unwrap_or(0);
    let keep = match situation.running {
        Running::Nothing => Action::Wait,
        Running::Spot { zone, .. } => Action::Spot { zone },
        Running::OnDemand { zone, .. } => Action::OnDemand { zone },
    };
    let on_demand = Action::OnDemand {
        zone: situation.best_on_demand(),
    };
    if steps == 0 {
        return if keep == Action::Wait {
            on_demand
        } else {
            keep
        };
    }
    let (there, since) = present(situation.history);
    let sight = |class| {
        if there {
            Sight::Up(class)
        } else {
            Sight::Down(class)
        }
    };
    let slack = (situation.left.0 - situation.work_left.0) as f64;
    let time = outlook.price_of_time(steps, slack, sight(class_of(since)));
    let zone = best_zone(situation, fit, time);
    let sight = match zone.and_then(|zone| situation.history.zones.get(zone)) {
        Some(seen) => Sight::Up(class_of(age(seen, situation.history.gap))),
        None => sight(class_of(since)),
    };
    let spot = zone.map(|zone| Action::Spot { zone });
    let far = zone.map_or(0.0, |zone| far_cost(situation, zone, time));
    let home_returns = home_returns(situation, fit);
    let crowding = crowding(situation, fit);
    let candidates = [Some(keep), Some(on_demand), Some(Action::Wait), spot];
    let mut best: Option<(Action, f64)> = None;
    for action in candidates.into_iter().flatten() {
        if !situation.permits(action)
            || matches!(action, Action::Spot { .. }) && Some(action) != spot
        {
            continue;
        }
        let mut value = expected(situation, outlook, steps, sight, action);
        value += match action {
            Action::Spot { zone } if !situation.keeps(action) => transfer(situation, zone),
            Action::Spot { .. } => 0.0,
            // Declining a far zone leaves the same far zone on offer, unless home comes back, and
            // waiting uses up slack that the losses to come would have needed as much.
            Action::Wait => far * (1.0 - home_returns) + far * crowding,
            Action::OnDemand { .. } => far * (1.0 - home_returns),
        };
        if best.is_none_or(|(_, least)| value < least - NOTABLE) {
            best = Some((action, value));
        }
    }
    best.map_or(on_demand, |(action, _)| action)
}

/// What going to this zone costs beyond an ordinary changeover; due again if a machine on its way
/// there is given up.
fn far_cost(situation: &Situation<'_>, zone: usize, time: f64) -> f64 {
    let extra = situation.fresh_changeover(zone).0 - situation.job.changeover.0;
    let price = situation
        .market
        .zones
        .get(zone)
        .map_or(0.0, |zone| zone.spot.micros as f64);
    (price / on_demand_price(situation) + time) * extra as f64 + transfer(situation, zone)
}

/// The share of one loss, among those to expect for the rest of the work, whose slack one more step
/// of waiting takes.
fn crowding(situation: &Situation<'_>, fit: &Fit) -> f64 {
    let rates = &fit.forecast.whole.up;
    let lost = rates[TYPICAL] + fit.forecast.relocations[TYPICAL];
    let losses = (lost * situation.work_left.0 as f64 / 3_600_000.0).max(1.0);
    let slack = situation.left.0 - situation.work_left.0 - situation.job.changeover.0;
    losses * fit.outlook.step().0 as f64 / slack.max(1) as f64
}

/// Probability that a zone in the checkpoint's region has spot again after one step.
fn home_returns(situation: &Situation<'_>, fit: &Fit) -> f64 {
    let Some(home) = situation.home else {
        return 0.0;
    };
    let mut none = 1.0;
    let zones = situation
        .history
        .zones
        .iter()
        .zip(&fit.forecast.zones)
        .enumerate();
    for (zone, (seen, rates)) in zones {
        if !situation.market.crosses_region(home, zone) {
            let class = class_of(age(seen, situation.history.gap));
            none *= 1.0 - probability(rates.down[class], fit.outlook.step());
        }
    }
    1.0 - none
}

fn expected(
    situation: &Situation<'_>,
    outlook: &Outlook,
    steps: usize,
    sight: Sight,
    action: Action,
) -> f64 {
    let work = situation.work_left.0 + situation.changeover(action).0;
    let slack = (situation.left.0 - work) as f64;
    let base = on_demand_price(situation);
    let price = |zone: usize| situation.market.zones.get(zone);
    let (mode, price) = match action {
        Action::Wait => (Mode::Waiting, 0.0),
        Action::OnDemand { zone } => {
            let price = price(zone).map_or(base, |zone| zone.on_demand.micros as f64);
            (Mode::OnDemand, price / base)
        }
        Action::Spot { zone } => {
            let price = price(zone).map_or(base, |zone| zone.spot.micros as f64);
            (Mode::Spot, price / base)
        }
    };
    outlook.after(steps, slack, work as f64, sight, mode, price)
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

fn odds(situation: &Situation<'_>, fit: &Fit, zone: usize, time: f64) -> Odds {
    let base = on_demand_price(situation);
    let history = situation.history;
    let seen = history
        .zones
        .get(zone)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let lasted = age(seen, history.gap);
    let horizon = situation.work_left.max(Span(1));
    let rates = fit.forecast.zones.get(zone).unwrap_or(&fit.forecast.whole);
    let life = rates.remaining_life(lasted, horizon, fit.outlook.step());
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

/// Price of bringing the checkpoint to this zone, in milliseconds of on-demand price.
fn transfer(situation: &Situation<'_>, zone: usize) -> f64 {
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

/// The zone whose spot costs least for each hour it is likely to last, changeovers included. A
/// running one is left only for a price that pays for the move while both would last: its likely
/// end is no reason, since the same changeover is due then and perhaps never.
fn best_zone(situation: &Situation<'_>, fit: &Fit, time: f64) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    let running = match situation.running {
        Running::Spot { zone, .. } => Some((zone, odds(situation, fit, zone, time))),
        _ => None,
    };
    for zone in 0..situation.market.zones.len() {
        if !situation.permits(Action::Spot { zone }) {
            continue;
        }
        let odds = odds(situation, fit, zone, time);
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
