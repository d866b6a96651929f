//! Conditions from the command line.

use super::failed;
use crate::arguments::Narrowing;
use crate::failure::Failure;
use costs::instant;
use costs::query::{Filter, Key, Metric, Question, Test};
use domain::Timestamp;

/// A question with these conditions and nothing else set.
pub(in crate::commands) fn question(narrowing: &Narrowing) -> Result<Question, Failure> {
    let mut filters = Vec::new();
    for tag in &narrowing.tag {
        filters.push(filter(&format!("tag:{tag}"))?);
    }
    for narrow in &narrowing.narrow {
        filters.push(filter(narrow)?);
    }
    let (from, to) = match &narrowing.month {
        Some(month) => {
            let first = self::month(month)?;
            (Some(first), Some(instant::month_start(first, 1)))
        }
        None => (
            day(narrowing.from.as_deref())?,
            day(narrowing.to.as_deref())?,
        ),
    };
    Ok(Question {
        filters,
        from,
        to,
        currency: narrowing.currency.clone(),
        ..Question::default()
    })
}

/// A condition `key=value`.
pub(in crate::commands) fn filter(text: &str) -> Result<Filter, Failure> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(Failure::usage(format!(
            "`{text}` is no condition: write `key=value`"
        )));
    };
    let test = if value.is_empty() {
        Test::Missing
    } else {
        Test::Is(value.split('|').map(str::to_owned).collect())
    };
    let key = Key::parse(key).map_err(failed)?;
    Ok(Filter { key, test })
}

/// Keys separated by commas.
pub(in crate::commands) fn keys(text: &str) -> Result<Vec<Key>, Failure> {
    text.split(',')
        .map(|key| Key::parse(key).map_err(failed))
        .collect()
}

/// Metrics separated by commas.
pub(in crate::commands) fn metrics(text: &str) -> Result<Vec<Metric>, Failure> {
    let metric = |name: &str| {
        Metric::named(name.trim()).ok_or_else(|| {
            let known = Metric::ALL.map(Metric::name).join(", ");
            Failure::usage(format!("`{name}` is no metric; there are {known}"))
        })
    };
    text.split(',').map(metric).collect()
}

/// A month such as `2026-05`.
pub(in crate::commands) fn month(text: &str) -> Result<Timestamp, Failure> {
    instant::read_month(text)
        .ok_or_else(|| Failure::usage(format!("`{text}` is no month such as `2026-05`")))
}

fn day(text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let read = |text: &str| {
        let no = || Failure::usage(format!("`{text}` is no day such as `2026-05-20`"));
        instant::read(text).ok_or_else(no)
    };
    text.map(read).transpose()
}
