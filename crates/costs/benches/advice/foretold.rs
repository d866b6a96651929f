//! Forecasts and anomalies.

use crate::{Dice, Failed};
use domain::day::Day;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use tradewind_costs::Amount;
use tradewind_costs::anomalies::{Watch, of_series};
use tradewind_costs::forecast::forecast;
use tradewind_costs::rules::utilization::Machine;
use tradewind_costs::series::Series;

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

pub(crate) fn forecasts(out: &mut impl Write) -> Result<(), Failed> {
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
pub(crate) fn real_forecasts(all: &[Machine], out: &mut impl Write) -> Result<(), Failed> {
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

pub(crate) fn anomalies(out: &mut impl Write) -> Result<(), Failed> {
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

/// Answers series with what is found in them.
pub(crate) fn series_of(path: &Path, out: &mut impl Write) -> Result<(), Failed> {
    for line in BufReader::new(File::open(path)?).lines() {
        let one: serde_json::Value = serde_json::from_str(&line?)?;
        let values = one["values"].as_array().ok_or("`values` is no list")?;
        let series = Series {
            key: None,
            currency: "USD".to_owned(),
            first: Day::from_days(20_000),
            days: values
                .iter()
                .map(|value| Amount::estimated(value.as_f64().unwrap_or(0.0)))
                .collect(),
        };
        let found: Vec<[i32; 2]> = of_series(&series, &Watch::default())
            .iter()
            .map(|one| [one.first, one.last].map(|day| day.days_since(series.first)))
            .collect();
        writeln!(
            out,
            "{}",
            serde_json::json!({"name": one["name"], "found": found})
        )?;
    }
    Ok(())
}
