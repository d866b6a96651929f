//! Tradewind's own policy: act on the expected cost under learned lifetimes of spot.
//!
//! Uniform Progress looks only at progress; this one also looks at how long spot has lasted or has
//! been away, since young spot dies and long absences go on. At each decision it takes the action
//! with the least expected cost of finishing, from a value iteration over the rates learned so
//! far, seen from the region where the checkpoint lies: to wait there, to run there, or to pay for
//! a move to a region that has spot. Among the zones of one region it takes the one with the
//! lowest price per useful hour, counting changeovers against the life that the zone's own rates
//! promise. The safety net stands above.

use super::super::choice::{best_zone, on_demand_price, transfer};
use super::super::forecast::{Forecast, present, split};
use super::super::lifetimes::{Rates, age, class_of};
use super::super::outlook::{Assumptions, Elsewhere, Mode, Outlook, Sight, View};
use super::super::situation::{Action, Running, Situation};
use super::Policy;
use domain::Span;
use std::collections::BTreeMap;

/// Time between two refits of the rates and the outlook.
const REFIT: Span = Span(6 * 3_600_000);
/// Smallest difference, in milliseconds of on-demand price, for which a machine is changed.
const NOTABLE: f64 = 1.0;

/// The policy with what it has learned so far.
#[derive(Debug)]
pub struct Survival {
    prior: Rates,
    /// By region of the checkpoint.
    fitted: BTreeMap<String, Fit>,
}

#[derive(Debug)]
struct Fit {
    left: Span,
    forecast: Forecast,
    outlook: Outlook,
    near: Vec<usize>,
    far: Vec<usize>,
}

impl Default for Survival {
    fn default() -> Self {
        Self::with_prior(Rates::PUBLISHED)
    }
}

impl Policy for Survival {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        let region = match here(situation) {
            Some(region) => region,
            None => self.first(situation),
        };
        let wish = wish(situation, self.fit(situation, &region));
        situation.guard(wish)
    }
}

impl Survival {
    /// Starts from these rates for a zone nobody has watched.
    pub fn with_prior(prior: Rates) -> Self {
        Self {
            prior,
            fitted: BTreeMap::new(),
        }
    }

    /// The region to begin in: that of the best zone with spot, else of the cheapest.
    fn first(&mut self, situation: &Situation<'_>) -> String {
        let zones = &situation.market.zones;
        let cheapest = zones.iter().min_by_key(|zone| zone.spot);
        let cheapest = cheapest.map(|zone| zone.region.clone()).unwrap_or_default();
        let fit = self.fit(situation, &cheapest);
        let all: Vec<usize> = (0..zones.len()).collect();
        let slack = (situation.left.0 - situation.work_left.0) as f64;
        let (steps, view) = (fit.outlook.steps(situation.left), fit.view(situation, None));
        let time = fit.outlook.price_of_time(steps, slack, view);
        let best = best_zone(situation, &fit.forecast, &all, fit.outlook.step(), time);
        best.map_or(cheapest, |zone| zones[zone].region.clone())
    }

    fn fit(&mut self, situation: &Situation<'_>, region: &str) -> &Fit {
        let stale = |fit: &Fit| fit.left.0 - situation.left.0 >= REFIT.0;
        if self.fitted.get(region).is_some_and(stale) {
            self.fitted.remove(region);
        }
        let prior = &self.prior;
        self.fitted
            .entry(region.to_owned())
            .or_insert_with(|| fit(situation, prior, region))
    }
}

/// The region from which things are seen: that of what runs or of the checkpoint.
fn here(situation: &Situation<'_>) -> Option<String> {
    let at = match situation.running {
        Running::Spot { zone, .. } | Running::OnDemand { zone, .. } => Some(zone),
        Running::Nothing => situation.home,
    };
    let zone = at.and_then(|zone| situation.market.zones.get(zone))?;
    Some(zone.region.clone())
}

fn fit(situation: &Situation<'_>, prior: &Rates, region: &str) -> Fit {
    let history = situation.history;
    let market = situation.market;
    let forecast = Forecast::learn(market, history, prior, region);
    let base = on_demand_price(situation);
    let outlook = Outlook::solve(&Assumptions {
        rates: &forecast.whole,
        rhythm: &forecast.rhythm,
        clock: Forecast::clock(history),
        relocations: forecast.relocations,
        price: forecast.price / base,
        changeover: situation.job.changeover,
        checkpoint_every: situation.job.checkpoint_every,
        left: situation.left,
        slack: Span(situation.left.0 - situation.work_left.0),
        gap: history.gap.max(situation.step),
        elsewhere: forecast.others.map(|others| Elsewhere {
            rates: others.rates,
            third: others.third,
            price: others.price / base,
            time: market.region_move.time,
            fee: market.region_move.price.micros as f64 * 3_600_000.0 / base,
        }),
    });
    let (near, far) = split(market, region);
    Fit {
        left: situation.left,
        forecast,
        outlook,
        near,
        far,
    }
}

/// The best action as seen from the region of the fit.
fn wish(situation: &Situation<'_>, fit: &Fit) -> Action {
    let outlook = &fit.outlook;
    let keep = match situation.running {
        Running::Nothing => Action::Wait,
        Running::Spot { zone, .. } => Action::Spot { zone },
        Running::OnDemand { zone, .. } => Action::OnDemand { zone },
    };
    let on_demand = Action::OnDemand {
        zone: situation.best_on_demand(),
    };
    let steps = outlook.steps(situation.left);
    if steps == 0 {
        return if keep == Action::Wait {
            on_demand
        } else {
            keep
        };
    }
    let slack = (situation.left.0 - situation.work_left.0) as f64;
    let time = outlook.price_of_time(steps, slack, fit.view(situation, None));
    let choose = |zones| best_zone(situation, &fit.forecast, zones, outlook.step(), time);
    let near = choose(&fit.near);
    // Before the first start no zone is far.
    let far = match (situation.home, situation.running) {
        (None, Running::Nothing) => None,
        _ => choose(&fit.far),
    };
    let spot = |zone: Option<usize>| zone.map(|zone| Action::Spot { zone });
    let mut best: Option<(Action, f64)> = None;
    let view = fit.view(situation, near);
    let candidates = [
        Some(keep),
        Some(on_demand),
        Some(Action::Wait),
        spot(near),
        spot(far),
    ];
    for action in candidates.into_iter().flatten() {
        let other_zone = matches!(action, Action::Spot { .. })
            && Some(action) != spot(near)
            && Some(action) != spot(far);
        if other_zone || !situation.permits(action) {
            continue;
        }
        let moves = far.filter(|_| Some(action) == spot(far));
        let value = expected(situation, outlook, view, action, moves);
        if best.is_none_or(|(_, least)| value < least - NOTABLE) {
            best = Some((action, value));
        }
    }
    best.map_or(on_demand, |(action, _)| action)
}

impl Fit {
    /// What there is to be had, seen from this region; `zone` is the one that would be used.
    fn view(&self, situation: &Situation<'_>, zone: Option<usize>) -> View {
        let history = situation.history;
        let here = match zone.and_then(|zone| history.zones.get(zone)) {
            Some(seen) => Sight::Up(class_of(age(seen, history.gap))),
            None => match present(history, &self.near) {
                (true, since) => Sight::Up(class_of(since)),
                (false, since) => Sight::Down(class_of(since)),
            },
        };
        let there = self.far.iter().any(|zone| situation.available(*zone));
        View { here, there }
    }
}

/// Expected cost of finishing after this action, which moves to a zone of another region or not.
fn expected(
    situation: &Situation<'_>,
    outlook: &Outlook,
    view: View,
    action: Action,
    moves: Option<usize>,
) -> f64 {
    let work = situation.work_left.0 + situation.changeover(action).0;
    let slack = (situation.left.0 - work) as f64;
    let base = on_demand_price(situation);
    let price = |zone: usize| situation.market.zones.get(zone);
    let (mode, price, zone) = match action {
        Action::Wait => (Mode::Waiting, 0.0, None),
        Action::OnDemand { zone } => {
            let price = price(zone).map_or(base, |zone| zone.on_demand.micros as f64);
            (Mode::OnDemand, price / base, Some(zone))
        }
        Action::Spot { zone } => {
            let price = price(zone).map_or(base, |zone| zone.spot.micros as f64);
            (Mode::Spot, price / base, Some(zone))
        }
    };
    let fee = match zone {
        Some(zone) if !situation.keeps(action) => transfer(situation, zone),
        _ => 0.0,
    };
    let (steps, work) = (outlook.steps(situation.left), work as f64);
    let history = situation.history;
    fee + match moves.and_then(|zone| history.zones.get(zone)) {
        Some(seen) => {
            let class = class_of(age(seen, history.gap));
            outlook.moved(steps, slack, work, view.here, (class, price))
        }
        None => outlook.after(steps, slack, work, view, mode, price),
    }
}
