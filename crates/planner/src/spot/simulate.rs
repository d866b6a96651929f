//! Plays a policy against recorded availability and counts every micro-dollar.
//!
//! A machine is paid from its start to its end, changeover included; what a spot machine did not
//! save is lost when its zone disappears. Sums are integers, so every machine gets the same.

use super::Error;
use super::market::{Job, Market};
use super::policies::Policy;
use super::situation::{Action, History, Interruptions, Running, Situation};
use domain::{Money, Span};

/// Exact cost: micro-dollars per hour times milliseconds, so nothing is rounded until the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cost(pub i128);

impl Cost {
    /// This price per hour for this long.
    pub fn of(price: Money, time: Span) -> Self {
        Self(i128::from(price.micros) * i128::from(time.0))
    }

    /// What the work of this job costs on the cheapest on-demand machine, changeover not counted:
    /// the measure that costs are given as shares of.
    pub fn on_demand(job: &Job, market: &Market) -> Self {
        let cheapest = market.zones.iter().map(|zone| zone.on_demand).min();
        Self::of(cheapest.unwrap_or_default(), job.work)
    }

    /// In money, rounded up to the next micro-dollar; saturates at the largest amount.
    pub fn money(self) -> Money {
        let hour = 3_600_000;
        let micros = self.0.div_euclid(hour) + i128::from(self.0.rem_euclid(hour) != 0);
        Money::micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// As a share of another cost, for reports.
    pub fn share_of(self, other: Self) -> f64 {
        self.0 as f64 / other.0 as f64
    }
}

/// The recorded world: availability from before the start (which the policy may learn from) and
/// from the start on.
#[derive(Debug, Clone)]
pub struct World {
    /// Time between samples.
    pub gap: Span,
    /// Time of day of the first sample of `past` (of `future` when `past` is empty).
    pub clock: Option<Span>,
    /// For each zone, what was seen before the start; may be empty lists.
    pub past: Vec<Vec<bool>>,
    /// For each zone, what happens from the start; after its end nothing is available.
    pub future: Vec<Vec<bool>>,
    /// Samples between two decisions; more than one means interruptions between decisions.
    pub samples_per_decision: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Everything paid.
    pub cost: Cost,
    /// When the work was done; `None` when the deadline passed first.
    pub finished: Option<Span>,
    /// Time on spot machines, changeover included.
    pub spot: Span,
    /// Time on on-demand machines, changeover included.
    pub on_demand: Span,
    /// Spot machines lost.
    pub interruptions: u32,
    /// Machines started.
    pub starts: u32,
}

/// Plays the policy from start to end of the job.
pub fn simulate(
    job: &Job,
    market: &Market,
    world: &World,
    policy: &mut dyn Policy,
) -> Result<Outcome, Error> {
    job.check()?;
    market.check()?;
    world.check(market)?;
    let mut play = Play::new(job, market, world);
    while play.work_left > 0 && play.left > 0 {
        play.see_present();
        let action = policy.decide(&play.situation());
        play.take(action);
        for sample in 0..world.samples_per_decision {
            if sample > 0 {
                play.see_present();
            }
            play.run_one_sample();
            if play.work_left == 0 || play.left <= 0 {
                break;
            }
        }
    }
    Ok(play.outcome())
}

impl World {
    fn check(&self, market: &Market) -> Result<(), Error> {
        let zones = market.zones.len();
        let even = |series: &[Vec<bool>]| {
            let first = series.first().map_or(0, Vec::len);
            series.len() == zones && series.iter().all(|zone| zone.len() == first)
        };
        if !even(&self.past) || !even(&self.future) {
            let traces = self.past.len().min(self.future.len());
            return Err(Error::Zones { zones, traces });
        }
        if self.gap.0 <= 0 {
            return Err(Error::span("gap", self.gap, "more than 0 ms"));
        }
        if self.samples_per_decision == 0 {
            return Err(Error::Value {
                field: "samples_per_decision".to_owned(),
                value: "0".to_owned(),
                expected: "1 or more",
            });
        }
        Ok(())
    }
}

struct Play<'a> {
    job: &'a Job,
    market: &'a Market,
    world: &'a World,
    history: History,
    sample: usize,
    left: i64,
    work_left: i64,
    unsaved: i64,
    home: Option<usize>,
    running: Running,
    outcome: Outcome,
}

impl<'a> Play<'a> {
    fn new(job: &'a Job, market: &'a Market, world: &'a World) -> Self {
        let history = History {
            gap: world.gap,
            clock: world.clock,
            zones: world.past.clone(),
        };
        Self {
            job,
            market,
            world,
            history,
            sample: 0,
            left: job.deadline.0,
            work_left: job.work.0,
            unsaved: 0,
            home: None,
            running: Running::Nothing,
            outcome: Outcome {
                cost: Cost(0),
                finished: None,
                spot: Span(0),
                on_demand: Span(0),
                interruptions: 0,
                starts: 0,
            },
        }
    }

    fn situation(&self) -> Situation<'_> {
        let samples = i64::try_from(self.world.samples_per_decision).unwrap_or(i64::MAX);
        Situation {
            job: self.job,
            market: self.market,
            left: Span(self.left),
            work_left: Span(self.work_left),
            unsaved: Span(self.unsaved),
            home: self.home,
            running: self.running,
            step: Span(self.world.gap.0.saturating_mul(samples)),
            interruptions: if samples == 1 {
                Interruptions::AtDecisions
            } else {
                Interruptions::AnyTime
            },
            history: &self.history,
        }
    }

    fn see_present(&mut self) {
        for (seen, future) in self.history.zones.iter_mut().zip(&self.world.future) {
            seen.push(future.get(self.sample).copied().unwrap_or(false));
        }
        self.sample += 1;
        let Running::Spot { zone, .. } = self.running else {
            return;
        };
        if self.history.zones[zone].last() != Some(&true) {
            self.running = Running::Nothing;
            self.work_left += self.unsaved;
            self.unsaved = 0;
            self.outcome.interruptions += 1;
        }
    }

    fn take(&mut self, action: Action) {
        let situation = self.situation();
        if situation.keeps(action) {
            return;
        }
        let (zone, changeover_left) = match action {
            Action::Spot { zone } if !situation.available(zone) => (None, Span(0)),
            Action::Spot { zone } | Action::OnDemand { zone } => {
                (Some(zone), situation.fresh_changeover(zone))
            }
            Action::Wait => (None, Span(0)),
        };
        self.unsaved = 0;
        self.running = match (zone, action) {
            (Some(zone), Action::Spot { .. }) => Running::Spot {
                zone,
                changeover_left,
            },
            (Some(zone), _) => Running::OnDemand {
                zone,
                changeover_left,
            },
            (None, _) => Running::Nothing,
        };
        let Some(zone) = zone else { return };
        self.outcome.starts += 1;
        if self
            .home
            .is_some_and(|home| self.market.crosses_region(home, zone))
        {
            self.outcome.cost.0 += Cost::of(self.market.region_move.price, Span(3_600_000)).0;
        }
    }

    fn run_one_sample(&mut self) {
        let gap = self.world.gap.0;
        let (zone, changeover_left) = match &mut self.running {
            Running::Nothing => {
                self.left -= gap;
                return;
            }
            Running::Spot {
                zone,
                changeover_left,
            }
            | Running::OnDemand {
                zone,
                changeover_left,
            } => (*zone, changeover_left),
        };
        let paid = gap.min(changeover_left.0.saturating_add(self.work_left));
        let restoring = gap.min(changeover_left.0);
        changeover_left.0 -= restoring;
        let done = paid - restoring;
        if changeover_left.0 == 0 {
            self.home = Some(zone);
        }
        self.work_left -= done;
        self.unsaved = match self.job.checkpoint_every.0 {
            0 => 0,
            every => (self.unsaved + done) % every,
        };
        self.left -= if self.work_left == 0 { paid } else { gap };
        let price = &self.market.zones[zone];
        let price = if let Running::Spot { .. } = self.running {
            self.outcome.spot.0 += paid;
            price.spot
        } else {
            self.outcome.on_demand.0 += paid;
            price.on_demand
        };
        self.outcome.cost.0 += Cost::of(price, Span(paid)).0;
    }

    fn outcome(mut self) -> Outcome {
        if self.work_left == 0 && self.left >= 0 {
            self.outcome.finished = Some(Span(self.job.deadline.0 - self.left));
        }
        self.outcome
    }
}
