//! The question: a job with its deadline, and the zones in which machines for it can be had.

use super::Error;
use domain::{Money, Span};

/// A job that can continue from its checkpoints and must end by a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Computation needed in total (C in "Can't Be Late", NSDI 2024).
    pub work: Span,
    /// Time from the start until it must be done (R).
    pub deadline: Span,
    /// Paid time to start a machine and restore the checkpoint (d).
    pub changeover: Span,
    /// Work between two checkpoints, all of which an interruption may lose; zero when it is
    /// already inside `changeover` (the paper's model). A planned move saves first.
    pub checkpoint_every: Span,
}

impl Job {
    /// Refuses durations that are not positive and deadlines that on-demand cannot meet.
    pub fn check(&self) -> Result<(), Error> {
        if self.work.0 <= 0 {
            return Err(Error::span("work", self.work, "more than 0 ms"));
        }
        if self.changeover.0 < 0 {
            return Err(Error::span("changeover", self.changeover, "0 ms or more"));
        }
        if self.checkpoint_every.0 < 0 {
            let value = self.checkpoint_every;
            return Err(Error::span("checkpoint_every", value, "0 ms or more"));
        }
        if self.work.0.saturating_add(self.changeover.0) > self.deadline.0 {
            return Err(Error::TooLate {
                work_ms: self.work.0,
                changeover_ms: self.changeover.0,
                deadline_ms: self.deadline.0,
            });
        }
        Ok(())
    }
}

/// One availability zone and its prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// The region it lies in; moving a checkpoint between regions costs `RegionMove`.
    pub region: String,
    /// Spot price per hour.
    pub spot: Money,
    /// On-demand price per hour.
    pub on_demand: Money,
}

/// What it takes to bring the checkpoint to another region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegionMove {
    /// Time on top of the changeover, on the new machine and paid.
    pub time: Span,
    /// Transfer price of one move.
    pub price: Money,
}

/// The zones that may be used. On-demand capacity is taken as always there, as in the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    /// At least one zone.
    pub zones: Vec<Zone>,
    /// What a move between regions takes.
    pub region_move: RegionMove,
}

impl Market {
    /// One zone, nothing to move between.
    pub fn single(name: &str, spot: Money, on_demand: Money) -> Self {
        Self {
            zones: vec![Zone {
                name: name.to_owned(),
                region: name.to_owned(),
                spot,
                on_demand,
            }],
            region_move: RegionMove::default(),
        }
    }

    /// Refuses an empty market and prices that are negative (spot) or not positive (on-demand).
    pub fn check(&self) -> Result<(), Error> {
        if self.zones.is_empty() {
            return Err(Error::Zones {
                zones: 0,
                traces: 0,
            });
        }
        for zone in &self.zones {
            for (kind, price, least) in [("spot", zone.spot, 0), ("on_demand", zone.on_demand, 1)] {
                if price.micros < least {
                    return Err(Error::Value {
                        field: format!("{kind} of {}", zone.name),
                        value: price.to_string(),
                        expected: "a positive price per hour",
                    });
                }
            }
        }
        if self.region_move.time.0 < 0 {
            let value = self.region_move.time;
            return Err(Error::span("region_move.time", value, "0 ms or more"));
        }
        if self.region_move.price.micros < 0 {
            return Err(Error::Value {
                field: "region_move.price".to_owned(),
                value: self.region_move.price.to_string(),
                expected: "0 or more",
            });
        }
        Ok(())
    }

    /// Whether both zones exist and lie in different regions.
    pub fn crosses_region(&self, from: usize, to: usize) -> bool {
        match (self.zones.get(from), self.zones.get(to)) {
            (Some(from), Some(to)) => from.region != to.region,
            _ => false,
        }
    }
}
