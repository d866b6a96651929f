//! The cost that nobody can beat: the optimum when the whole future is known.
//!
//! Exact dynamic programming over the recorded availability. Every duration is a multiple of one
//! unit, the greatest common divisor of all of them; costs are integers. Availability holds for a
//! whole sample, as in the simulator with one sample per decision and no unsaved work.

use super::super::Error;
use super::super::market::{Job, Market};
use super::super::simulate::{Cost, World};

/// Most states (machine, changeover left, work left) of one step.
const MOST_STATES: u128 = 20_000_000;
/// Cost of what cannot be done; sums of two still fit.
const NEVER: i64 = i64::MAX / 4;

/// The least cost of the job in this world; the deadline is met. Progress is taken as saved
/// continuously, whatever `Job::checkpoint_every` says, so this is a lower bound for any.
pub fn omniscient(job: &Job, market: &Market, world: &World) -> Result<Cost, Error> {
    job.check()?;
    market.check()?;
    let table = Table::new(job, market, world)?;
    Ok(table.solve(world))
}

struct Table<'a> {
    market: &'a Market,
    unit: i64,
    gap: usize,
    work: usize,
    deadline: usize,
    /// Longest changeover, in units.
    longest: usize,
    changeover: usize,
    moving: usize,
    /// Price of a region move in micro-dollars per hour times units.
    move_price: i64,
    regions: Vec<usize>,
}

/// Costs by work left, for each state: `(1 + regions)` idle homes, then spot and on-demand by
/// zone and changeover left.
type Layer = Vec<Vec<i64>>;

impl<'a> Table<'a> {
    fn new(job: &Job, market: &'a Market, world: &World) -> Result<Self, Error> {
        let extra = market.region_move.time.0;
        let parts = [
            world.gap.0,
            job.work.0,
            job.deadline.0,
            job.changeover.0,
            extra,
        ];
        let unit = parts.into_iter().fold(0, divisor).max(1);
        let in_units = |span: i64| usize::try_from(span / unit).unwrap_or(usize::MAX);
        let mut names: Vec<&str> = Vec::new();
        let mut regions = Vec::new();
        for zone in &market.zones {
            let known = names.iter().position(|name| *name == zone.region);
            regions.push(known.unwrap_or(names.len()));
            if known.is_none() {
                names.push(&zone.region);
            }
        }
        let several = names.len() > 1;
        let longest = in_units(job.changeover.0 + if several { extra } else { 0 });
        let machines = 2 * market.zones.len() as u128 * (longest as u128 + 1);
        let states = (machines + names.len() as u128 + 1) * (in_units(job.work.0) as u128 + 1);
        if states > MOST_STATES {
            return Err(Error::TooFine {
                states,
                most: MOST_STATES,
                unit_ms: unit,
            });
        }
        Ok(Self {
            market,
            unit,
            gap: in_units(world.gap.0),
            work: in_units(job.work.0),
            deadline: in_units(job.deadline.0),
            longest,
            changeover: in_units(job.changeover.0),
            moving: in_units(extra),
            move_price: market.region_move.price.micros.saturating_mul(3_600_000) / unit,
            regions,
        })
    }

    fn homes(&self) -> usize {
        self.regions.iter().max().map_or(1, |most| most + 2)
    }

    fn machine(&self, on_demand: usize, zone: usize, changeover_left: usize) -> usize {
        self.homes()
            + (on_demand * self.regions.len() + zone) * (self.longest + 1)
            + changeover_left
    }

    fn layer(&self) -> Layer {
        let states = self.machine(1, self.regions.len() - 1, self.longest) + 1;
        let mut empty = vec![NEVER; self.work + 1];
        empty[0] = 0;
        vec![empty; states]
    }

    fn solve(&self, world: &World) -> Cost {
        let whole = self.deadline / self.gap;
        let rest = self.deadline % self.gap;
        let mut next = self.layer();
        if rest > 0 {
            next = self.step(&next, &self.sight(world, whole), rest);
        }
        for sample in (0..whole).rev() {
            next = self.step(&next, &self.sight(world, sample), self.gap);
        }
        // Home 0 is "no checkpoint yet": no region is far.
        Cost(i128::from(next[0][self.work]) * i128::from(self.unit))
    }

    fn sight(&self, world: &World, sample: usize) -> Vec<bool> {
        let zones = world.future.iter().take(self.regions.len());
        zones.map(|zone| zone.get(sample) == Some(&true)).collect()
    }

    /// Costs before a step of this length, from those after it.
    fn step(&self, next: &Layer, sight: &[bool], length: usize) -> Layer {
        let mut now = self.layer();
        let homes = self.homes();
        for work in 1..=self.work {
            for home in 0..homes {
                let start = self.best_start(next, sight, length, home, work);
                now[home][work] = start.min(next[home][work]);
            }
            for (zone, region) in self.regions.iter().enumerate() {
                let idle = now[region + 1][work];
                for on_demand in 0..2 {
                    for left in 0..=self.longest {
                        let there = on_demand == 1 || sight[zone];
                        let stay = if there {
                            self.run(next, length, (on_demand, zone, left), work)
                        } else {
                            NEVER
                        };
                        // To leave in the middle of a changeover never pays when the future is
                        // known: not starting it would have been cheaper.
                        let leave = if left == 0 { idle } else { NEVER };
                        now[self.machine(on_demand, zone, left)][work] = stay.min(leave);
                    }
                }
            }
        }
        now
    }

    fn best_start(
        &self,
        next: &Layer,
        sight: &[bool],
        length: usize,
        home: usize,
        work: usize,
    ) -> i64 {
        let mut best = NEVER;
        for (zone, region) in self.regions.iter().enumerate() {
            let far = home > 0 && home != region + 1;
            let (left, extra) = if far {
                (self.changeover + self.moving, self.move_price)
            } else {
                (self.changeover, 0)
            };
            for on_demand in 0..2 {
                if on_demand == 1 || sight[zone] {
                    let cost = self.run(next, length, (on_demand, zone, left), work);
                    best = best.min(cost.saturating_add(extra));
                }
            }
        }
        best
    }

    fn run(
        &self,
        next: &Layer,
        length: usize,
        (on_demand, zone, left): (usize, usize, usize),
        work: usize,
    ) -> i64 {
        let prices = &self.market.zones[zone];
        let price = if on_demand == 1 {
            prices.on_demand
        } else {
            prices.spot
        };
        let paid = length.min(left + work);
        let restored = left.min(length);
        let done = paid - restored;
        let cost = price
            .micros
            .saturating_mul(i64::try_from(paid).unwrap_or(i64::MAX));
        if done == work {
            return cost;
        }
        let after = next[self.machine(on_demand, zone, left - restored)][work - done];
        cost.saturating_add(after).min(NEVER)
    }
}

fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}
