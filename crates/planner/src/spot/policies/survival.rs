//! Tradewind's own policy: act on the expected cost under learned lifetimes of spot.
//!
//! Uniform Progress looks only at progress; this one also looks at how long spot has lasted or has
//! been away, since young spot dies and long absences go on. At each decision it takes the action
//! with the least expected cost of finishing, from a value iteration over the rates learned so
//! far; with several zones it takes the one with the lowest price per useful hour, counting
//! changeovers against the life that the zone's own rates promise. The safety net stands above.

use super::super::choice::{
    best_zone, crowding, far_cost, home_returns, on_demand_price, transfer,
};
use super::super::forecast::{Forecast, present};
use super::super::lifetimes::{Rates, age, class_of};
use super::super::outlook::{Assumptions, Mode, Outlook, Sight};
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
    let zone = best_zone(situation, &fit.forecast, outlook.step(), time);
    let sight = match zone.and_then(|zone| situation.history.zones.get(zone)) {
        Some(seen) => Sight::Up(class_of(age(seen, situation.history.gap))),
        None => sight(class_of(since)),
    };
    let spot = zone.map(|zone| Action::Spot { zone });
    let far = zone.map_or(0.0, |zone| far_cost(situation, zone, time));
    let home_returns = home_returns(situation, &fit.forecast, outlook.step());
    let crowding = crowding(situation, &fit.forecast, outlook.step());
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
