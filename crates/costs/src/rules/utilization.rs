//! How busy machines were: CPU samples by machine and day, in per cent of the machine.

use crate::amount::Amount;
use crate::query::{Key, Metric, Question};
use crate::{Error, Ledger, instant};
use domain::day::Day;
use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// What follows the machine's name of a series that is of its accelerators.
pub const ACCELERATOR: &str = ":accelerator";
/// What follows it of a series that is of its memory.
pub const MEMORY: &str = ":memory";
/// What follows it of a series that is of its network, in per cent of what it can carry.
pub const NETWORK: &str = ":network";

/// Samples of a day below which the day does not count.
const LEAST_SAMPLES: usize = 24;

/// A machine's samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Its name or resource id.
    pub name: String,
    /// What it costs in an hour, when that is known.
    #[serde(default)]
    pub hourly: Option<(Amount, String)>,
    /// Day by day, in order.
    pub days: Vec<Samples>,
}

/// One day of samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Which day.
    #[schemars(with = "String")]
    pub day: Day,
    /// Per cent of the machine's CPUs, or of what the series is of, evenly spaced.
    pub cpu: Vec<f32>,
}

impl Machine {
    /// The machine's own name, also for a series of one of its parts.
    pub fn own_name(&self) -> &str {
        [ACCELERATOR, MEMORY, NETWORK]
            .into_iter()
            .find_map(|part| self.name.strip_suffix(part))
            .unwrap_or(&self.name)
    }

    /// Whether the series is of the machine's processors.
    pub fn is_of_processors(&self) -> bool {
        self.own_name() == self.name
    }

    /// Days that have samples enough to say something of the day: one an hour.
    pub fn full_days(&self) -> usize {
        let full = |day: &&Samples| day.cpu.len() >= LEAST_SAMPLES;
        self.days.iter().filter(full).count()
    }

    /// All samples, sorted.
    pub fn sorted(&self) -> Vec<f32> {
        sorted(&self.days)
    }
}

/// All samples of some days, sorted.
pub fn sorted(days: &[Samples]) -> Vec<f32> {
    let mut all: Vec<f32> = days
        .iter()
        .flat_map(|day| day.cpu.iter().copied())
        .collect();
    all.sort_by(f32::total_cmp);
    all
}

/// The percentile of sorted samples, in thousandths (999 is P99.9), between the two nearest ranks.
pub fn percentile(sorted: &[f32], thousandths: u32) -> f32 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = last as f64 * f64::from(thousandths.min(1_000)) / 1_000.0;
    let (below, part) = (place.floor() as usize, place.fract() as f32);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * part
}

/// Gives machines the price that the ledger's lines of the last days say: effective cost over the
/// hours consumed. Names are resource ids or the last part of one.
///
/// # Errors
/// When the ledger cannot be read.
pub fn price(
    machines: &mut [Machine],
    ledger: &Ledger,
    now: Timestamp,
    days: i32,
) -> Result<(), Error> {
    if machines.is_empty() {
        return Ok(());
    }
    let answer = ledger.ask(&Question {
        by: vec![Key::parse("resource")?],
        metrics: vec![Metric::Effective, Metric::Quantity],
        filters: vec![
            super::is("charge", &["Usage"])?,
            super::is("unit", &["Hours", "Hrs", "Hour", "hour", "1 Hour", "hours"])?,
        ],
        from: Some(now - Span::hours(24 * i64::from(days))),
        to: Some(now),
        ..Question::default()
    })?;
    let mut prices: BTreeMap<String, (Amount, String)> = BTreeMap::new();
    for group in answer.groups {
        let (Some(resource), Some(price)) = (&group.keys[0], group.values[0].over(group.values[1]))
        else {
            continue;
        };
        let short = resource.rsplit(['/', ':']).next().unwrap_or(resource);
        for name in [resource.as_str(), short] {
            let known = prices.entry(name.to_owned());
            known.or_insert_with(|| (price, group.currency.clone()));
        }
    }
    for machine in machines
        .iter_mut()
        .filter(|machine| machine.hourly.is_none())
    {
        machine.hourly = prices.get(machine.own_name()).cloned();
    }
    Ok(())
}

/// Reads a CSV of one row a machine-day: day (`20260501` or `2026-05-01`), machine, then samples.
///
/// # Errors
/// With the line, when a row has no day, no machine or a sample that is no number from 0 to 1,000.
pub fn read(path: &Path, from: impl Read) -> Result<Vec<Machine>, Error> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
    let mut machines: BTreeMap<String, Vec<Samples>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::unreadable(path, None, error.to_string()))?;
        let line = record.position().map(csv::Position::line);
        let wrong = |what: String| Error::unreadable(path, line, what);
        let (Some(day), Some(name)) = (record.get(0), record.get(1)) else {
            return Err(wrong("a row needs a day, a machine and samples".to_owned()));
        };
        let day = read_day(day).ok_or_else(|| wrong(format!("`{day}` is no day")))?;
        let mut cpu = Vec::with_capacity(record.len());
        for sample in record.iter().skip(2).filter(|sample| !sample.is_empty()) {
            let value: f32 = sample.parse().unwrap_or(f32::NAN);
            if !(0.0..=1_000.0).contains(&value) {
                return Err(wrong(format!("`{sample}` is no share in per cent")));
            }
            cpu.push(value);
        }
        machines
            .entry(name.to_owned())
            .or_default()
            .push(Samples { day, cpu });
    }
    let machine = |(name, mut days): (String, Vec<Samples>)| {
        days.sort_by_key(|samples| samples.day);
        Machine {
            name,
            hourly: None,
            days,
        }
    };
    Ok(machines.into_iter().map(machine).collect())
}

fn read_day(text: &str) -> Option<Day> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        return Day::new(part(0..4)? as i32, part(4..6)?, part(6..8)?);
    }
    instant::read(text).map(|at| Day::from_unix_millis(at.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_machines_in_order_of_days() {
        let csv = "day,vm,t0,t1\n20260502,a,1,2\n2026-05-01,a,3,\n20260501,b,4,5\n";
        let machines = read(Path::new("x.csv"), csv.as_bytes()).unwrap();
        assert_eq!(machines.len(), 2);
        assert_eq!(machines[0].days[0].cpu, [3.0]);
        assert_eq!(machines[0].sorted(), [1.0, 2.0, 3.0]);
        for bad in [
            "d,v,t\nyesterday,a,1\n",
            "d,v,t\n20260501,a,x\n",
            "d,v,t\n20260501,a,-1\n",
        ] {
            let error = read(Path::new("x.csv"), bad.as_bytes())
                .unwrap_err()
                .to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn percentiles_lie_between_ranks() {
        let samples: Vec<f32> = (0..=100).map(|n| n as f32).collect();
        assert!((percentile(&samples, 500) - 50.0).abs() < 1e-6);
        assert!((percentile(&samples, 995) - 99.5).abs() < 1e-3);
        assert!((percentile(&samples, 1_000) - 100.0).abs() < 1e-6);
        assert!(percentile(&[], 500).abs() < 1e-6);
    }
}
