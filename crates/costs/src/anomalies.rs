//! Days that cost more or less than days like them did, and what made the difference: each value of
//! a key against its own past by weekday and its drift, with a scale that single outliers do not move.

mod explain;

pub use explain::{Cause, Explanation};

use crate::amount::Amount;
use crate::query::{Filter, Key, Metric};
use crate::series::{Series, series};
use crate::{Error, Ledger};
use domain::day::Day;
use serde::{Deserialize, Serialize};

/// What is looked at, and how hard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Watch {
    /// Each value of this key is watched by itself.
    pub by: Key,
    /// Which cost.
    pub metric: Metric,
    /// Which lines.
    pub filters: Vec<Filter>,
    /// A day must be at least this far from what was expected, in the currency of its lines.
    pub least: Amount,
    /// And this many scales of the usual spread, in hundredths: 500 is five.
    pub hundredths_of_spread: u32,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            by: Key::Column(crate::focus::Column::ServiceName),
            metric: Metric::Effective,
            filters: Vec::new(),
            least: Amount::ONE,
            hundredths_of_spread: 500,
        }
    }
}

/// A run of days that were not as expected.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Anomaly {
    /// The watched key's value.
    pub key: Option<String>,
    /// The currency.
    pub currency: String,
    /// Its first day.
    #[schemars(with = "String")]
    pub first: Day,
    /// Its last day.
    #[schemars(with = "String")]
    pub last: Day,
    /// What these days cost.
    pub actual: Amount,
    /// What was expected; an estimate.
    pub expected: Amount,
    /// The largest distance of a day, in scales of the usual spread.
    pub score: f64,
    /// What changed; unset when it was not asked for.
    pub explanation: Option<Explanation>,
}

/// Weekdays of the past that make an expectation.
const WEEKS: usize = 6;
/// Days of history before a day is judged.
const LEAST_HISTORY: usize = 21;
/// After so many odd days in a row the new level is the usual one.
const NEW_USUAL: usize = 7;
/// Usual days before a day that say how costs drift, and how many of them are needed.
const DRIFT: usize = 7;
const LEAST_DRIFT: usize = 3;
/// A quarter of a bell's values are further from its middle than so many of its scales.
const QUARTER_OF_A_BELL: f64 = 1.15;

/// Finds anomalies from `from` to before `to`, the largest differences first.
///
/// # Errors
/// Those of [`Ledger::ask`].
pub fn anomalies(
    ledger: &Ledger,
    watch: &Watch,
    from: Day,
    to: Day,
) -> Result<Vec<Anomaly>, Error> {
    let all = series(ledger, Some(&watch.by), watch.metric, &watch.filters, to)?;
    let mut found: Vec<Anomaly> = Vec::new();
    for series in &all {
        found.extend(
            of_series(series, watch)
                .into_iter()
                .filter(|a| a.last >= from),
        );
    }
    found.sort_by(|a, b| {
        let size = |anomaly: &Anomaly| (anomaly.actual - anomaly.expected).abs();
        size(b)
            .cmp(&size(a))
            .then_with(|| (a.first, &a.key).cmp(&(b.first, &b.key)))
    });
    for anomaly in &mut found {
        anomaly.explanation = Some(explain::explain(ledger, watch, anomaly)?);
    }
    Ok(found)
}

/// The anomalies of one series, in order of time.
pub fn of_series(series: &Series, watch: &Watch) -> Vec<Anomaly> {
    let values = series.approximate();
    let mut usual: Vec<Option<f64>> = values.iter().map(|value| Some(*value)).collect();
    let mut found: Vec<Anomaly> = Vec::new();
    let (mut odd_days, mut odd_expected) = (0, 0.0);
    for day in LEAST_HISTORY..values.len() {
        let (expected, spread) = expectation(&usual, day);
        let distance = values[day] - expected;
        let score = distance.abs() / spread;
        let least = watch.least.approximate();
        let odd = distance.abs() >= least
            && score >= f64::from(watch.hundredths_of_spread) / 100.0
            && distance.abs() > 0.2 * expected.abs();
        if !odd {
            (odd_days, odd_expected) = (0, 0.0);
            continue;
        }
        odd_days += 1;
        odd_expected += expected;
        usual[day] = None;
        if odd_days == NEW_USUAL {
            accept(&mut usual, &values[..=day], odd_expected);
            (odd_days, odd_expected) = (0, 0.0);
        }
        extend(&mut found, series, day, expected, score, distance > 0.0);
    }
    found
}

/// Takes the level of the last odd days as the usual one: days before are scaled to it, so that the
/// week's shape and the spread are kept.
fn accept(usual: &mut [Option<f64>], values: &[f64], expected: f64) {
    let begins = values.len() - NEW_USUAL;
    let ratio = values[begins..].iter().sum::<f64>() / expected;
    for day in &mut usual[..begins] {
        *day = day
            .map(|value| value * ratio)
            .filter(|value| value.is_finite());
    }
    for (day, value) in usual[begins..].iter_mut().zip(&values[begins..]) {
        *day = Some(*value);
    }
}

/// What a day should cost and how far days usually are from that.
///
/// It should cost the median of the same weekday, moved by how far the last days were from theirs: costs
/// that drift are no anomaly. The spread is of what such expectations would have missed on the days
/// before: 1.4826 times their median, or, where the largest quarter is larger than that of a bell, as
/// much as makes it one; a load with many peaks has a wide spread.
fn expectation(usual: &[Option<f64>], day: usize) -> (f64, f64) {
    let begins = day.saturating_sub(WEEKS * 7);
    let weekday = |of: usize| -> Vec<f64> {
        let days = (begins..day).filter(|at| at % 7 == of % 7);
        days.filter_map(|at| usual[at]).collect()
    };
    let mut same = weekday(day);
    if same.len() < 2 {
        same = (begins..day).filter_map(|at| usual[at]).collect();
    }
    let expected = median(&mut same);
    let medians: Vec<f64> = (0..7)
        .map(|of| {
            let mut same = weekday(of);
            if same.is_empty() {
                expected
            } else {
                median(&mut same)
            }
        })
        .collect();
    let rests = (begins..day).filter_map(|at| Some(usual[at]? - medians[at % 7]));
    let rests: Vec<f64> = rests.collect();
    let drift = |before: usize| -> f64 {
        let last = &rests[before.saturating_sub(DRIFT)..before];
        if last.len() < LEAST_DRIFT {
            return 0.0;
        }
        median(&mut last.to_vec())
    };
    let missed = rests.iter().enumerate();
    let mut missed: Vec<f64> = missed.map(|(at, rest)| (rest - drift(at)).abs()).collect();
    let middle = 1.4826 * median(&mut missed);
    let quarter = missed.get(missed.len() * 3 / 4).copied();
    let spread = middle.max(quarter.unwrap_or(0.0) / QUARTER_OF_A_BELL);
    let expected = expected + drift(rests.len());
    (expected, spread.max(0.02 * expected.abs()).max(1e-9))
}

fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Adds a day to the anomaly of the day before when it goes the same way, or begins one.
fn extend(
    found: &mut Vec<Anomaly>,
    series: &Series,
    day: usize,
    expected: f64,
    score: f64,
    above: bool,
) {
    let (date, actual) = (series.day(day), series.days[day]);
    let expected = Amount::estimated(expected);
    if let Some(last) = found.last_mut()
        && date.days_since(last.last) == 1
        && (last.actual > last.expected) == above
    {
        last.last = date;
        last.actual += actual;
        last.expected += expected;
        last.score = last.score.max(score);
        return;
    }
    found.push(Anomaly {
        key: series.key.clone(),
        currency: series.currency.clone(),
        first: date,
        last: date,
        actual,
        expected,
        score,
        explanation: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Watch {
        Watch::default()
    }

    fn series_of(days: impl Iterator<Item = f64>) -> Series {
        Series {
            key: Some("EC2".to_owned()),
            currency: "USD".to_owned(),
            first: Day::new(2026, 3, 2).unwrap(),
            days: days.map(Amount::estimated).collect(),
        }
    }

    fn usual(day: usize) -> f64 {
        let wobble = [0.0, 1.0, -1.0, 0.5, -0.5][day % 5];
        (if day % 7 >= 5 { 40.0 } else { 100.0 }) + wobble
    }

    #[test]
    fn a_spike_is_found_once_and_weekends_are_not() {
        let series = series_of((0..90).map(|d| usual(d) * if d == 60 { 2.0 } else { 1.0 }));
        let found = of_series(&series, &watch());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].first, found[0].last),
            (series.day(60), series.day(60))
        );
        assert!(found[0].score > 5.0);
        assert!((found[0].expected.approximate() - usual(60)).abs() < 3.0);
    }

    #[test]
    fn a_new_level_is_told_for_a_week_and_then_usual() {
        let series = series_of((0..120).map(|d| usual(d) * if d >= 70 { 1.6 } else { 1.0 }));
        let found = of_series(&series, &watch());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].first, series.day(70));
        assert!(found[0].last.days_since(found[0].first) < 14, "{found:?}");
    }

    #[test]
    fn a_drop_counts_and_cents_do_not() {
        let series = series_of((0..90).map(|d| if d == 50 { 5.0 } else { usual(d) }));
        let found = of_series(&series, &watch());
        assert!(found.len() == 1 && found[0].actual < found[0].expected);
        let cents =
            series_of((0..90).map(|d| usual(d) / 1_000.0 * if d == 50 { 3.0 } else { 1.0 }));
        assert!(of_series(&cents, &watch()).is_empty());
    }
}
