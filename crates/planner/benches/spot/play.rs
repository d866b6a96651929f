//! Plays every policy on every window of a trace or group of traces.

use domain::{Money, Span};
use tradewind_planner::spot::policies::{
    Greedy, Hold, Policy, Survival, UniformProgress, omniscient,
};
use tradewind_planner::spot::{Cost, Job, Market, Rates, RegionMove, World, Zone, simulate};

/// Hour, in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// Costs on one window as shares of the on-demand cost of the work.
#[derive(Clone, Copy, Default)]
pub struct Window {
    pub available: f64,
    pub greedy: f64,
    pub uniform: f64,
    pub eager: f64,
    pub ours: f64,
    pub warm: f64,
    pub optimum: f64,
    pub late: u32,
    pub interruptions: u32,
}

/// A question of the benchmark.
#[derive(Clone, Copy)]
pub struct Setting {
    pub deadline_hours: i64,
    pub changeover_minutes: i64,
}

impl Setting {
    pub fn job(self) -> Job {
        Job {
            work: Span(48 * HOUR),
            deadline: Span(self.deadline_hours * HOUR),
            changeover: Span(self.changeover_minutes * 60_000),
            checkpoint_every: Span(0),
        }
    }
}

/// A market of zones with these names and spot prices in micro-dollars; the region is the name
/// without its last letter, and a move between regions takes ten minutes and two dollars.
pub fn market(zones: &[(&str, i64)]) -> Market {
    let zone = |(name, spot): &(&str, i64)| {
        let place = name.split('_').next().unwrap_or(name);
        Zone {
            name: (*name).to_owned(),
            region: place[..place.len().saturating_sub(1)].to_owned(),
            spot: Money::micros(*spot),
            on_demand: Money::micros(3_060_000),
        }
    };
    Market {
        zones: zones.iter().map(zone).collect(),
        region_move: RegionMove {
            time: Span(600_000),
            price: Money::dollars(2),
        },
    }
}

/// Every window that starts at `from` or later, `stride` samples apart.
pub fn windows(
    job: &Job,
    market: &Market,
    zones: &[&[bool]],
    gap: Span,
    (from, stride): (usize, usize),
    prior: &Rates,
) -> Result<Vec<Window>, String> {
    let length = usize::try_from((job.deadline.0 + gap.0 - 1) / gap.0).unwrap_or(0);
    let end = zones.iter().map(|zone| zone.len()).min().unwrap_or(0);
    let mut played = Vec::new();
    let mut start = from;
    while start + length <= end {
        let cut =
            |from: usize, to: usize| zones.iter().map(|zone| zone[from..to].to_vec()).collect();
        let cold = World {
            gap,
            clock: None,
            past: vec![Vec::new(); zones.len()],
            future: cut(start, start + length),
            samples_per_decision: 1,
        };
        let warm = World {
            past: cut(0, start),
            clock: Some(Span(0)),
            ..cold.clone()
        };
        played.push(one(job, market, &cold, &warm, prior).map_err(|error| error.to_string())?);
        start += stride;
    }
    Ok(played)
}

fn one(
    job: &Job,
    market: &Market,
    cold: &World,
    warm: &World,
    prior: &Rates,
) -> Result<Window, tradewind_planner::spot::Error> {
    let whole = Cost::on_demand(job, market);
    let mut window = Window::default();
    let mut play = |world: &World, policy: &mut dyn Policy| {
        let outcome = simulate(job, market, world, policy)?;
        window.late += u32::from(outcome.finished.is_none());
        window.interruptions = outcome.interruptions;
        Ok(outcome.cost.share_of(whole))
    };
    let greedy = play(cold, &mut Greedy)?;
    let uniform = play(cold, &mut UniformProgress::default())?;
    let eager = play(
        cold,
        &mut UniformProgress {
            hold: Hold::WhileNoSpot,
        },
    )?;
    let warm = play(warm, &mut Survival::with_prior(*prior))?;
    let ours = play(cold, &mut Survival::with_prior(*prior))?;
    let samples = cold.future.first().map_or(1, Vec::len);
    let any = (0..samples)
        .filter(|at| cold.future.iter().any(|zone| zone[*at]))
        .count();
    Ok(Window {
        available: any as f64 / samples as f64,
        greedy,
        uniform,
        eager,
        ours,
        warm,
        optimum: omniscient(job, market, cold)?.share_of(whole),
        ..window
    })
}
