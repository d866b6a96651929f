//! Figures of right-sizing, forecasts and anomalies.
//!
//! `cargo bench -p tradewind-costs --bench advice -- FILE`: FILE is a CSV of day, machine and CPU
//! samples, also gzipped. Each machine with two days or more is sized by the first half of its days
//! (the smaller half when they are odd) and judged on the rest: it is over capacity when more than one
//! sample in a hundred does not fit. The halves of the machines are by a hash of their names.

use domain::day::Day;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use tradewind_costs::Amount;
use tradewind_costs::anomalies::{Watch, of_series};
use tradewind_costs::forecast::forecast;
use tradewind_costs::rules::utilization::{Machine, percentile, read, sorted};
use tradewind_costs::rules::{Policy, Size, size_for};
use tradewind_costs::series::Series;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut out = std::io::stdout();
    if let Some(file) = words.next() {
        let all = machines(Path::new(&file))?;
        right_sizing(&all, &mut out)?;
        real_forecasts(&all, &mut out)?;
    }
    forecasts(&mut out)?;
    anomalies(&mut out)
}

fn machines(path: &Path) -> Result<Vec<Machine>, Failed> {
    let file = BufReader::new(File::open(path)?);
    let gzipped = path.extension().is_some_and(|end| end == "gz");
    let from: Box<dyn Read> = if gzipped {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(read(path, from)?)
}

/// Lehmer's generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}

/// FNV-1a, so that the halves are the same everywhere.
fn half_a(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 32 & 1 == 0
}

fn right_sizing(all: &[Machine], out: &mut impl Write) -> Result<(), Failed> {
    writeln!(
        out,
        "policy                      machines     n   saved [95 %]          over [95 %]"
    )?;
    for (name, policy) in [
        (
            "simple rule",
            &(|days: &_| size_for(Policy::Simple, days)) as &dyn Fn(&[_]) -> Size,
        ),
        (
            "P99.5 + 20 %",
            &(|days: &_| {
                let need = percentile(&sorted(days), 995) * 1.2;
                Size::ALL
                    .into_iter()
                    .find(|size| size.percent() >= need)
                    .unwrap_or(Size(32))
            }),
        ),
        ("ours", &(|days: &_| size_for(Policy::Percentile, days))),
        (
            "ours, never larger",
            &(|days: &_| size_for(Policy::Percentile, days).min(Size::SAME)),
        ),
    ] {
        for (group, wanted) in [
            ("looked at", Some(true)),
            ("unseen", Some(false)),
            ("all", None),
        ] {
            let judged = all.iter().filter(|m| m.days.len() >= 2);
            let judged = judged.filter(|m| wanted.is_none_or(|wanted| half_a(&m.name) == wanted));
            let judged: Vec<(f64, bool)> = judged.map(|machine| judge(machine, policy)).collect();
            let (saved, over) = (
                interval(&judged, |j| 1.0 - j.0),
                interval(&judged, |j| f64::from(u8::from(j.1))),
            );
            writeln!(
                out,
                "{name:<27} {group:<9} {:>5}  {:5.1} % [{:.1}, {:.1}]   {:5.1} % [{:.1}, {:.1}]",
                judged.len(),
                saved[0],
                saved[1],
                saved[2],
                over[0],
                over[1],
                over[2]
            )?;
        }
    }
    Ok(())
}

fn judge(
    machine: &Machine,
    policy: &dyn Fn(&[tradewind_costs::rules::utilization::Samples]) -> Size,
) -> (f64, bool) {
    let (first, second) = machine.days.split_at(machine.days.len() / 2);
    let size = policy(first);
    let samples = sorted(second);
    let over = samples
        .iter()
        .filter(|sample| **sample > size.percent())
        .count();
    (
        f64::from(size.percent()) / 100.0,
        over * 100 > samples.len(),
    )
}

/// Mean and 95 % bootstrap interval, in per cent.
fn interval(judged: &[(f64, bool)], of: impl Fn(&(f64, bool)) -> f64) -> [f64; 3] {
    let values: Vec<f64> = judged.iter().map(of).collect();
    let n = values.len().max(1) as f64;
    let mut dice = Dice(7_777_777);
    let mut means: Vec<f64> = (0..2_000)
        .map(|_| {
            let drawn =
                (0..values.len()).map(|_| values[(dice.roll() * n) as usize % values.len()]);
            drawn.sum::<f64>() / n * 100.0
        })
        .collect();
    means.sort_by(f64::total_cmp);
    [
        values.iter().sum::<f64>() / n * 100.0,
        means[50],
        means[1_949],
    ]
}

/// A daily series with a week, a trend and errors that hang together.
fn made(dice: &mut Dice, days: usize) -> Vec<f64> {
    let (level, growth) = (50.0 + 100.0 * dice.roll(), (dice.roll() - 0.3) * 0.006);
    let (weekend, hang, noise) = (
        0.3 + 0.7 * dice.roll(),
        0.9 * dice.roll(),
        0.01 + 0.08 * dice.roll(),
    );
    let mut drift = 0.0;
    let day = |day: usize| {
        drift = hang * drift + noise * dice.bell();
        let shape = if day % 7 >= 5 { weekend } else { 1.0 };
        (level * (1.0 + growth * day as f64) * shape * (1.0 + drift)).max(0.0)
    };
    (0..days).map(day).collect()
}

/// How forecasts did on series that were held out.
#[derive(Default)]
struct Score {
    held: u32,
    days: u32,
    totals: u32,
    mase: f64,
    series: u32,
}

impl Score {
    fn add(&mut self, past: &[f64], future: &[f64]) {
        let Some(forecast) = forecast(past, future.len()) else {
            return;
        };
        let mut error = 0.0;
        for (range, actual) in forecast.days.iter().zip(future) {
            self.held += u32::from(range.low <= *actual && *actual <= range.high);
            self.days += 1;
            error += (range.mid - actual).abs() / future.len() as f64;
        }
        let steps = past.windows(8).map(|w| (w[7] - w[0]).abs());
        let week = steps.sum::<f64>() / (past.len() - 7) as f64;
        if week <= 0.0 {
            return;
        }
        let sum: f64 = future.iter().sum();
        let total = &forecast.total;
        self.totals += u32::from(total.low <= sum && sum <= total.high);
        self.mase += error / week;
        self.series += 1;
    }

    fn tell(&self, name: &str, out: &mut impl Write) -> Result<(), Failed> {
        let n = f64::from(self.series.max(1));
        writeln!(
            out,
            "forecast, {} {name}: MASE {:.2}, 80 % intervals hold {:.1} % of steps, {:.1} % of totals",
            self.series,
            self.mase / n,
            f64::from(self.held) / f64::from(self.days.max(1)) * 100.0,
            f64::from(self.totals) / n * 100.0
        )?;
        Ok(())
    }
}

fn forecasts(out: &mut impl Write) -> Result<(), Failed> {
    let mut dice = Dice(424_242);
    let mut score = Score::default();
    for _ in 0..400 {
        let series = made(&mut dice, 180);
        let (past, future) = series.split_at(150);
        score.add(past, future);
    }
    score.tell("made series held out, 30 days", out)
}

/// Real loads as they came: means of twenty minutes of every machine-day, 60 to know and 12 to
/// foretell. They have no week, which a forecast must notice.
fn real_forecasts(all: &[Machine], out: &mut impl Write) -> Result<(), Failed> {
    let mut score = Score::default();
    for samples in all.iter().flat_map(|machine| &machine.days) {
        let mean = |chunk: &[f32]| f64::from(chunk.iter().sum::<f32>()) / chunk.len() as f64;
        let series: Vec<f64> = samples.cpu.chunks(4).map(mean).collect();
        if series.len() < 72 {
            continue;
        }
        let (past, future) = series[..72].split_at(60);
        score.add(past, future);
    }
    score.tell("real machine-days, 12 steps of twenty minutes", out)
}

fn anomalies(out: &mut impl Write) -> Result<(), Failed> {
    let mut dice = Dice(909_090);
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for _ in 0..300 {
        let mut series = made(&mut dice, 150);
        let mut put: Vec<usize> = Vec::new();
        for start in [60, 100, 135] {
            let (at, factor) = (start + (dice.roll() * 10.0) as usize, 1.6 + dice.roll());
            series[at] *= factor;
            put.push(at);
        }
        let series = Series {
            key: None,
            currency: "USD".to_owned(),
            first: Day::from_days(20_000),
            days: series.into_iter().map(Amount::estimated).collect(),
        };
        let found = of_series(&series, &Watch::default());
        let hit = |at: &usize| {
            let day = series.day(*at);
            found
                .iter()
                .any(|anomaly| anomaly.first <= day && day <= anomaly.last)
        };
        missed += put.iter().filter(|at| !hit(at)).count();
        for anomaly in &found {
            let real = put
                .iter()
                .any(|at| (anomaly.first..=anomaly.last).contains(&series.day(*at)));
            if real { right += 1 } else { wrong += 1 }
        }
    }
    let precision = f64::from(right) / f64::from(right + wrong) * 100.0;
    let recall = 100.0 - missed as f64 / 9.0;
    writeln!(
        out,
        "anomalies, 900 injected days of 1.6 to 2.6 times: precision {precision:.1} %, recall {recall:.1} %"
    )?;
    Ok(())
}
