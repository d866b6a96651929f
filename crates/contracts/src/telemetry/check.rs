//! The rules of [`super::Telemetry`]'s requests, the same for every implementation.

use crate::backend::LogLine;
use crate::store::StoreError;
use domain::JobId;
use domain::metric::Metric;

/// Those of `metrics`, reported from position `from` on, that are not among the first `kept`.
/// Refuses a gap, numbers that are not finite, and positions beyond 2^63.
pub fn new_metrics<'a>(
    job: &JobId,
    from: u64,
    metrics: &'a [Metric],
    kept: u64,
) -> Result<&'a [Metric], StoreError> {
    if from > kept {
        return Err(StoreError::Invalid(format!(
            "metrics of job `{job}` go on at position {kept}, not {from}"
        )));
    }
    if let Some(bad) = metrics.iter().find(|metric| !metric.value.is_finite()) {
        return Err(StoreError::Invalid(format!(
            "metric `{}` of job `{job}` is {}, which is not a finite number",
            bad.name, bad.value
        )));
    }
    let known = usize::try_from(kept - from).unwrap_or(usize::MAX);
    Ok(metrics.get(known..).unwrap_or_default())
}

/// A metric as it is kept: databases cannot hold a NUL character in a name, it becomes `␀`.
pub fn storable(metric: &Metric) -> Metric {
    Metric {
        name: metric.name.replace('\0', "␀"),
        ..metric.clone()
    }
}

/// Those lines of the piece `offset..next` that a log ending at `end` does not have yet; `None`
/// when it has the whole piece. Refuses a piece that ends before it begins or beyond 2^63, and
/// lines whose own [`LogLine::next`] do not ascend within it, because readers could not go on
/// from them.
pub fn new_lines<'a>(
    job: &JobId,
    offset: u64,
    next: u64,
    lines: &'a [LogLine],
    end: u64,
) -> Result<Option<&'a [LogLine]>, StoreError> {
    let mut before = offset;
    let ascending = lines.iter().all(|line| {
        let goes_on = line.next > before && line.next <= next;
        before = line.next;
        goes_on
    });
    if next < offset || !ascending || i64::try_from(next).is_err() {
        return Err(StoreError::Invalid(format!(
            "a piece of the log of job `{job}` that begins at {offset} and ends at {next} must \
             have lines whose places ascend between the two"
        )));
    }
    if next <= end {
        return Ok(None);
    }
    let known = lines.partition_point(|line| line.next <= end);
    Ok(Some(&lines[known..]))
}
