//! Daily costs as a series without gaps, which forecasts and anomalies are made of.

use crate::amount::Amount;
use crate::ledger::{Days, Part};
use crate::query::{Filter, Key, Metric, Order, Question};
use crate::{Error, Ledger, instant};
use domain::Timestamp;
use domain::day::Day;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// Days of the longest series: 20 years. What is older says nothing of what is to come.
const MOST_DAYS: i32 = 7_305;

/// The first instant of a day.
pub(crate) fn midnight(day: Day) -> Timestamp {
    Timestamp(i64::from(day.days()) * 86_400_000)
}

impl Ledger {
    /// The day at which what is known of costs ends: today, or the day after the newest line when
    /// bills are behind. Days after it are to be forecast and did not cost nothing. Of several
    /// issuers it is the one that is furthest behind, among those that bill by the day and are worth a
    /// hundredth of the last two months or more.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn known_until(&self, today: Day) -> Result<Day, Error> {
        let manifest = self.manifest()?;
        Ok(end_of(&manifest.parts, today).unwrap_or(today))
    }
}

/// An issuer that was not heard of for so many days has no bill that is behind, but none any more.
const LONGEST_LAG: i32 = 45;
/// Days before an issuer's newest line, and how many of them have lines if it bills by the day.
const LOOKED_AT: i32 = 14;
const BILLED: usize = 7;

fn end_of(parts: &[Part], today: Day) -> Option<Day> {
    let day = |at: Timestamp| Day::from_unix_millis(at.0);
    let newest = parts.iter().map(|part| part.starts.1).max()?;
    let after_newest = Day::from_days(day(newest).days() + 1).min(today);
    let since = instant::month_start(newest, -1);
    let (mut ends, mut days) = (BTreeMap::<&str, Day>::new(), BTreeMap::<&str, Days>::new());
    let mut sums = BTreeMap::<(&str, &str), Amount>::new();
    let mut wholes = BTreeMap::<&str, Amount>::new();
    for part in parts.iter().filter(|part| part.month >= since) {
        let end = ends
            .entry(&part.issuer)
            .or_insert_with(|| day(part.starts.1));
        *end = day(part.starts.1).max(*end);
        let own = days.entry(&part.issuer).or_default();
        part.known_days().iter().for_each(|day| own.add(day));
        for (code, sum) in &part.sums {
            *sums
                .entry((part.issuer.as_str(), code.as_str()))
                .or_default() += sum.effective.abs();
            *wholes.entry(code).or_default() += sum.effective.abs();
        }
    }
    let weighs = |issuer: &str| {
        sums.iter().any(|((of, code), sum)| {
            let whole = wholes.get(code).copied().unwrap_or_default();
            *of == issuer && *sum > Amount::ZERO && *sum >= whole.part(1, 100)
        })
    };
    let by_day = |issuer: &str, end: Day| {
        let last = (0..LOOKED_AT).map(|before| Day::from_days(end.days() - before));
        let own = days.get(issuer);
        last.filter(|day| own.is_some_and(|own| own.contains(*day)))
            .count()
            >= BILLED
    };
    let behind = ends.iter().filter(|(issuer, end)| {
        day(newest).days_since(**end) <= LONGEST_LAG && weighs(issuer) && by_day(issuer, **end)
    });
    let first = behind.map(|(_, end)| Day::from_days(end.days() + 1)).min();
    Some(first.unwrap_or(after_newest).min(today))
}

/// Series of what the filters select, one per value of `key` (or one in all) and currency, from the
/// first day that has lines, or 20 years before when that is later, to before `to`.
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
        from: Some(midnight(Day::from_days(to.days() - MOST_DAYS))),
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
