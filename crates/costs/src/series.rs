//! Daily costs as a series without gaps, which forecasts and anomalies are made of.

use crate::amount::Amount;
use crate::query::{Filter, Key, Metric, Order, Question};
use crate::{Error, Ledger};
use domain::Timestamp;
use domain::day::Day;
use serde::Serialize;

/// What a day cost, day by day; days without lines cost nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The key that the series is of; unset for lines that lack it and for the whole.
    pub key: Option<String>,
    /// Its currency.
    pub currency: String,
    /// The first day.
    pub first: Day,
    /// Costs from the first day on.
    pub days: Vec<Amount>,
}

impl Series {
    /// The day of a place in the series.
    pub fn day(&self, at: usize) -> Day {
        Day::from_days(self.first.days() + at as i32)
    }

    /// For statistics only.
    pub fn approximate(&self) -> Vec<f64> {
        self.days
            .iter()
            .map(|amount| amount.approximate())
            .collect()
    }
}

/// The first instant of a day.
pub(crate) fn midnight(day: Day) -> Timestamp {
    Timestamp(i64::from(day.days()) * 86_400_000)
}

impl Ledger {
    /// The day at which what is known of costs ends: today, or the day after the newest line when
    /// bills are behind. Days after it are to be forecast and did not cost nothing.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn known_until(&self, today: Day) -> Result<Day, Error> {
        let newest = self
            .manifest()?
            .parts
            .iter()
            .map(|part| part.starts.1)
            .max();
        let after = newest.map(|at| Day::from_days(Day::from_unix_millis(at.0).days() + 1));
        Ok(after.map_or(today, |after| after.min(today)))
    }
}

/// Series of what the filters select, one per value of `key` (or one in all) and currency, from the
/// first day that has lines to before `to`.
///
/// # Errors
/// Those of [`Ledger::ask`].
pub fn series(
    ledger: &Ledger,
    key: Option<&Key>,
    metric: Metric,
    filters: &[Filter],
    to: Day,
) -> Result<Vec<Series>, Error> {
    let answer = ledger.ask(&Question {
        by: key.into_iter().cloned().chain([Key::Day]).collect(),
        metrics: vec![metric],
        filters: filters.to_vec(),
        to: Some(midnight(to)),
        order: Order::Keys,
        ..Question::default()
    })?;
    let mut all: Vec<Series> = Vec::new();
    let mut first = to;
    for group in &answer.groups {
        let day = group.keys.last().cloned().flatten();
        let Some(day) = day.and_then(|day| day.parse::<Day>().ok()) else {
            continue;
        };
        first = first.min(day);
        let name = key.and_then(|_| group.keys[0].clone());
        let same = |s: &Series| s.key == name && s.currency == group.currency;
        let place = all.iter().position(same).unwrap_or_else(|| {
            all.push(Series {
                key: name.clone(),
                currency: group.currency.clone(),
                first: day,
                days: Vec::new(),
            });
            all.len() - 1
        });
        let series = &mut all[place];
        let at = day.days_since(series.first) as usize;
        series.days.resize(at + 1, Amount::ZERO);
        series.days[at] += group.values[0];
    }
    for series in &mut all {
        let before = series.first.days_since(first) as usize;
        series
            .days
            .splice(0..0, std::iter::repeat_n(Amount::ZERO, before));
        series.first = first;
        series
            .days
            .resize(to.days_since(first) as usize, Amount::ZERO);
    }
    Ok(all)
}
