//! Rolls values up as they grow old and lets go of what is over, so that a series takes a bounded
//! place: one document a day instead of one each time that values came.

use super::rollup::{AS_IT_CAME, resolution, rolled};
use super::series::{PIECE, SERIES, Sample};
use crate::Aws;
use control::documents::{Document, DocumentFilter, NewDocument};
use control::{Caller, Control};
use domain::day::Day;
use domain::{Refusal, Span, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;

/// Pieces that become part of days in one commit.
const AT_ONCE: u32 = 500;
/// The phase of values as they came.
const AS_PUT: &str = "kept";
/// The label of days, so that they are found without the pieces.
const DAY: &str = "day";

/// What was done already.
#[derive(Debug, Default)]
pub(crate) struct Retained {
    /// The day on which all days were last looked at.
    on: Option<Day>,
}

/// Looks at every series: what came lately joins its day, and once a day old days become coarser or go.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn keep(aws: &Aws, retained: &mut Retained) -> Result<(), Refusal> {
    pass(&aws.control, retained).await
}

async fn pass(control: &Control, retained: &mut Retained) -> Result<(), Refusal> {
    let today = Day::from_unix_millis(control.world.now().0);
    let whole = retained.on != Some(today);
    let mut after = None;
    loop {
        let filter = DocumentFilter {
            kind: SERIES.to_owned(),
            after,
            limit: AT_ONCE,
            ..DocumentFilter::default()
        };
        let (page, next) = control.documents_anywhere(&filter).await?;
        for series in page {
            let done = of_series(control, &series, whole).await;
            // Another server of the same store was faster with this series.
            if let Err(refusal) = done
                && !matches!(
                    refusal,
                    Refusal::Conflict { .. } | Refusal::Throttled { .. }
                )
            {
                return Err(refusal);
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    retained.on = Some(today);
    Ok(())
}

async fn of_series(control: &Control, series: &Document, whole: bool) -> Result<(), Refusal> {
    let caller = Caller::system(series.workspace.clone());
    gather(control, &caller, &series.id).await?;
    if whole {
        age(control, &caller, &series.id).await?;
        let left = list(control, &caller, &series.id, Vec::new(), (None, 1)).await?;
        // One that was just made may wait for its first values.
        let settled = series.created < control.world.now() - Span::hours(24);
        if left.0.is_empty() && settled {
            control.delete_document(&caller, SERIES, &series.id).await?;
        }
    }
    Ok(())
}

async fn list(
    control: &Control,
    caller: &Caller,
    series: &str,
    phases: Vec<String>,
    (after, limit): (Option<String>, u32),
) -> Result<(Vec<Document>, Option<String>), Refusal> {
    let filter = DocumentFilter {
        kind: PIECE.to_owned(),
        parent: Some(series.to_owned()),
        phases,
        after,
        limit,
        ..DocumentFilter::default()
    };
    control.documents(caller, &filter).await
}

fn read(document: &Document) -> Result<Vec<Sample>, Refusal> {
    serde_json::from_value(document.body.clone())
        .map_err(|error| Refusal::internal(format!("{}: {error}", document.id)))
}

/// Values that are three hours old join the document of their day.
async fn gather(control: &Control, caller: &Caller, series: &str) -> Result<(), Refusal> {
    let now = control.world.now();
    let mut after = None;
    loop {
        let page = list(
            control,
            caller,
            series,
            vec![AS_PUT.to_owned()],
            (after, AT_ONCE),
        );
        let (pieces, next) = page.await?;
        let (mut days, mut gone): (BTreeMap<Day, Vec<Sample>>, _) = (BTreeMap::new(), Vec::new());
        for piece in &pieces {
            let samples = read(piece)?;
            if samples.iter().any(|sample| sample.at > now - AS_IT_CAME) {
                continue;
            }
            for sample in samples {
                let day = Day::from_unix_millis(sample.at.0);
                days.entry(day).or_default().push(sample);
            }
            gone.push(piece.id.clone());
        }
        if !gone.is_empty() {
            let mut put = Vec::new();
            for (day, samples) in days {
                put.extend(joined(control, caller, (series, day), samples, now).await?);
            }
            control
                .replace_documents(caller, &put, (PIECE, &gone))
                .await?;
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn id_of(series: &str, day: Day) -> String {
    format!("{series}/{DAY}-{day}")
}

/// The document of a day with more samples; none when the day is over.
async fn joined(
    control: &Control,
    caller: &Caller,
    (series, day): (&str, Day),
    mut samples: Vec<Sample>,
    now: Timestamp,
) -> Result<Option<(NewDocument, Option<i64>)>, Refusal> {
    let Some(seconds) = resolution(day, Day::from_unix_millis(now.0)) else {
        return Ok(None);
    };
    let known = control
        .find_document(caller, PIECE, &id_of(series, day))
        .await?;
    let revision = known.as_ref().map(|known| known.revision);
    if let Some(known) = &known {
        samples.extend(read(&known.document)?);
    }
    Ok(Some((of_day(series, day, seconds, samples), revision)))
}

fn of_day(series: &str, day: Day, seconds: i64, samples: Vec<Sample>) -> NewDocument {
    NewDocument {
        kind: PIECE.to_owned(),
        id: id_of(series, day),
        parent: Some(series.to_owned()),
        phase: seconds.to_string(),
        labels: BTreeMap::from([(DAY.to_owned(), day.to_string())]),
        body: json!(rolled(samples, seconds)),
    }
}

/// Days that are kept finer than their age becomes coarser, and those that are over go.
async fn age(control: &Control, caller: &Caller, series: &str) -> Result<(), Refusal> {
    let today = Day::from_unix_millis(control.world.now().0);
    for finer in [60, 300, 3_600_i64] {
        let mut after = None;
        loop {
            let phases = vec![finer.to_string()];
            // A day by the minute is large.
            let page = list(control, caller, series, phases, (after, 20)).await?;
            let (mut put, mut gone) = (Vec::new(), Vec::new());
            for document in &page.0 {
                let day = document.labels.get(DAY).and_then(|day| day.parse().ok());
                let Some(day): Option<Day> = day else {
                    continue;
                };
                match resolution(day, today) {
                    None => gone.push(document.id.clone()),
                    Some(seconds) if seconds > finer => {
                        let known = control.document(caller, PIECE, &document.id).await?;
                        let samples = read(&known.document)?;
                        let new = of_day(series, day, seconds, samples);
                        put.push((new, Some(known.revision)));
                    }
                    Some(_) => {}
                }
            }
            if !put.is_empty() || !gone.is_empty() {
                control
                    .replace_documents(caller, &put, (PIECE, &gone))
                    .await?;
            }
            after = page.1;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
