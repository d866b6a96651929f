//! `costs anomalies`: days that were not as expected.

use super::{amount, end, failed, narrow};
use crate::arguments::Narrowing;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::anomalies::{Watch, anomalies};
use costs::query::Key;
use domain::day::Day;

pub(super) fn run(
    ledger: &Ledger,
    (by, metric, least): (&str, &str, &str),
    narrowing: &Narrowing,
    output: Output,
) -> Result<(), Failure> {
    let question = narrow::question(narrowing)?;
    let watch = Watch {
        by: Key::parse(by).map_err(failed)?,
        metric: narrow::metrics(metric)?[0],
        filters: question.filters,
        least: amount(least)?,
        ..Watch::default()
    };
    let day = |at: domain::Timestamp| Day::from_unix_millis(at.0);
    let to = question.to.map_or_else(|| end(ledger), |to| Ok(day(to)))?;
    let from = question.from.map_or(Day::from_days(to.days() - 90), day);
    let found = anomalies(ledger, &watch, from, to).map_err(failed)?;
    let heads = ["days", "key", "cost", "expected", "score", "why"];
    output.table(&heads, &found, |anomaly| {
        let days = if anomaly.first == anomaly.last {
            anomaly.first.to_string()
        } else {
            format!("{} to {}", anomaly.first, anomaly.last)
        };
        let why = anomaly.explanation.as_ref().map(|why| why.sentence.clone());
        vec![
            days,
            anomaly.key.clone().unwrap_or_else(|| "–".to_owned()),
            format!("{} {}", anomaly.actual.for_people(), anomaly.currency),
            anomaly.expected.for_people(),
            format!("{:.1}", anomaly.score),
            why.unwrap_or_default(),
        ]
    });
    Ok(())
}
