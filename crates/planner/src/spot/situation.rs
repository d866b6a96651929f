//! Where a job stands at one decision, and the safety net that no policy may cut.
//!
//! The net is one invariant: at every decision there is time to finish on demand from the last
//! checkpoint, even if spot disappears at the worst moment before the next decision. An action
//! that would break it is replaced by on-demand.

use super::Error;
use super::market::{Job, Market};
use domain::Span;

/// Longest duration that is taken seriously: a hundred years.
const LONGEST: i64 = 100 * 366 * 86_400_000;

/// What runs right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    /// Nothing: waiting, or just interrupted.
    Nothing,
    /// A spot machine in this zone, with so much of its changeover still ahead.
    Spot {
        /// Index into `Market::zones`.
        zone: usize,
        /// Changeover not yet done.
        changeover_left: Span,
    },
    /// An on-demand machine in this zone, with so much of its changeover still ahead.
    OnDemand {
        /// Index into `Market::zones`.
        zone: usize,
        /// Changeover not yet done.
        changeover_left: Span,
    },
}

/// What to have until the next decision. The same kind and zone as `Running` means: keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing; spot is worth waiting for.
    Wait,
    /// A spot machine in this zone.
    Spot {
        /// Index into `Market::zones`.
        zone: usize,
    },
    /// An on-demand machine in this zone.
    OnDemand {
        /// Index into `Market::zones`.
        zone: usize,
    },
}

/// When an interruption can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruptions {
    /// Only at decisions: availability holds for the whole step, as in the paper's traces.
    AtDecisions,
    /// At any time, noticed at the next decision: no progress of the step may be counted on.
    AnyTime,
}

/// Availability as it was seen so far, at even distances; the last sample is the present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Time between samples.
    pub gap: Span,
    /// Time of day of the first sample since midnight, when it is known.
    pub clock: Option<Span>,
    /// For each zone of the market, oldest first, all of one length.
    pub zones: Vec<Vec<bool>>,
}

/// Everything a decision may depend on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The job.
    pub job: &'a Job,
    /// The zones and prices.
    pub market: &'a Market,
    /// Time until the deadline.
    pub left: Span,
    /// Work not yet done, by the state of the running machine.
    pub work_left: Span,
    /// Done on the running machine but not in a checkpoint yet.
    pub unsaved: Span,
    /// Zone in whose region the checkpoint lies; `None` before the first.
    pub home: Option<usize>,
    /// What runs.
    pub running: Running,
    /// Time until the next decision.
    pub step: Span,
    /// When interruptions can happen.
    pub interruptions: Interruptions,
    /// What was seen, the present last.
    pub history: &'a History,
}

impl Situation<'_> {
    /// Refuses what contradicts itself: see each message.
    pub fn check(&self) -> Result<(), Error> {
        self.market.check()?;
        let zones = self.market.zones.len();
        let series = &self.history.zones;
        let length = series.first().map_or(0, Vec::len);
        if series.len() != zones || series.iter().any(|zone| zone.len() != length) {
            return Err(Error::Zones {
                zones,
                traces: series.len(),
            });
        }
        let at = match self.running {
            Running::Nothing => None,
            Running::Spot { zone, .. } | Running::OnDemand { zone, .. } => Some(zone),
        };
        for zone in [at, self.home].into_iter().flatten() {
            if zone >= zones {
                return Err(Error::Value {
                    field: "zone".to_owned(),
                    value: zone.to_string(),
                    expected: "an index into the zones of the market",
                });
            }
        }
        let ahead = match self.running {
            Running::Nothing => Span(0),
            Running::Spot {
                changeover_left, ..
            }
            | Running::OnDemand {
                changeover_left, ..
            } => changeover_left,
        };
        let job = self.job;
        for (field, value, least) in [
            ("step", self.step, 1),
            ("history.gap", self.history.gap, 1),
            ("work_left", self.work_left, 0),
            ("unsaved", self.unsaved, 0),
            ("changeover", job.changeover, 0),
            ("changeover_left", ahead, 0),
            ("checkpoint_every", job.checkpoint_every, 0),
            ("left", self.left, -LONGEST),
        ] {
            if value.0 < least || value.0 > LONGEST {
                return Err(Error::span(field, value, "a duration of at most 100 years"));
            }
        }
        Ok(())
    }

    /// Whether spot can be had in this zone now.
    pub fn available(&self, zone: usize) -> bool {
        let series = self.history.zones.get(zone);
        series.and_then(|series| series.last()) == Some(&true)
    }

    /// Time since the start of the job.
    pub fn elapsed(&self) -> Span {
        Span(self.job.deadline.0 - self.left.0)
    }

    /// Changeover of a machine newly started in this zone.
    pub fn fresh_changeover(&self, zone: usize) -> Span {
        let moving = self
            .home
            .is_some_and(|home| self.market.crosses_region(home, zone));
        let extra = if moving {
            self.market.region_move.time.0
        } else {
            0
        };
        Span(self.job.changeover.0.saturating_add(extra))
    }

    /// Changeover ahead of the work if this action is taken.
    pub fn changeover(&self, action: Action) -> Span {
        match (self.running, action) {
            (_, Action::Wait) => Span(0),
            (
                Running::Spot {
                    zone: at,
                    changeover_left,
                },
                Action::Spot { zone },
            )
            | (
                Running::OnDemand {
                    zone: at,
                    changeover_left,
                },
                Action::OnDemand { zone },
            ) if at == zone => changeover_left,
            (_, Action::Spot { zone } | Action::OnDemand { zone }) => self.fresh_changeover(zone),
        }
    }

    /// Whether this action keeps what runs.
    pub fn keeps(&self, action: Action) -> bool {
        match (self.running, action) {
            (Running::Nothing, Action::Wait) => true,
            (Running::Spot { zone: at, .. }, Action::Spot { zone })
            | (Running::OnDemand { zone: at, .. }, Action::OnDemand { zone }) => at == zone,
            _ => false,
        }
    }

    /// Whether the deadline can still be met on demand after this action, whatever spot does.
    pub fn permits(&self, action: Action) -> bool {
        let after = self.left.0 - self.step.0;
        let ahead = self.changeover(action).0;
        match action {
            Action::Wait => after >= self.work_left.0.saturating_add(self.job.changeover.0),
            Action::OnDemand { zone } => {
                zone < self.market.zones.len()
                    && self.left.0 >= self.work_left.0.saturating_add(ahead)
            }
            Action::Spot { zone } => {
                if !self.available(zone) {
                    return false;
                }
                let kept = if self.keeps(action) {
                    self.unsaved.0
                } else {
                    0
                };
                let every = self.job.checkpoint_every.0;
                let (done, lost) = match self.interruptions {
                    Interruptions::AnyTime => (0, kept),
                    Interruptions::AtDecisions => {
                        let done = (self.step.0 - ahead).clamp(0, self.work_left.0);
                        if done == self.work_left.0 {
                            return self.work_left.0.saturating_add(ahead) <= self.left.0;
                        }
                        (done, if every > 0 { (kept + done) % every } else { 0 })
                    }
                };
                after - (self.work_left.0 - done) - lost >= self.job.changeover.0
            }
        }
    }

    /// The action itself where the safety net allows it, else waiting for a spot that is not
    /// there, else on-demand to meet the deadline.
    pub fn guard(&self, action: Action) -> Action {
        if self.permits(action) {
            return action;
        }
        let gone = matches!(action, Action::Spot { zone } if !self.available(zone));
        if gone && self.permits(Action::Wait) {
            return Action::Wait;
        }
        Action::OnDemand {
            zone: self.best_on_demand(),
        }
    }

    /// The on-demand zone in which the rest costs least among those in time; one that already
    /// runs is kept.
    pub fn best_on_demand(&self) -> usize {
        if let Running::OnDemand { zone, .. } = self.running {
            return zone;
        }
        let mut best = (true, i128::MAX, 0);
        for (index, zone) in self.market.zones.iter().enumerate() {
            let changeover = self.fresh_changeover(index).0;
            let time = self.work_left.0.saturating_add(changeover);
            let mut cost = i128::from(zone.on_demand.micros) * i128::from(time);
            if changeover > self.job.changeover.0 {
                cost += i128::from(self.market.region_move.price.micros) * 3_600_000;
            }
            best = best.min((time > self.left.0, cost, index));
        }
        best.2
    }

    /// The available zone with the lowest spot price, preferring the one that runs and then the
    /// region of the checkpoint.
    pub fn cheapest_spot(&self) -> Option<usize> {
        let zones = self.market.zones.iter().enumerate();
        zones
            .filter(|(index, _)| self.available(*index))
            .min_by_key(|(index, zone)| {
                let action = Action::Spot { zone: *index };
                (!self.keeps(action), zone.spot, self.changeover(action))
            })
            .map(|(index, _)| index)
    }
}
