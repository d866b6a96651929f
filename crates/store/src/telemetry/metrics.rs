//! Metric series.

use super::long;
use crate::sql::{Sql, Value, groups};
use crate::writer::Trouble;
use contracts::telemetry::check;
use domain::metric::Metric;
use domain::{JobId, Timestamp, Workspace};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::{Error, Row as _};

/// Appends those metrics that are not there yet.
pub(crate) async fn append(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
    from: u64,
    metrics: &[Metric],
) -> Result<(), Trouble> {
    let kept = count(on, workspace, job).await?;
    let new = check::new_metrics(job, from, metrics, kept)?;
    let numbered: Vec<(i64, Metric)> = (long(kept)..)
        .zip(new.iter().map(check::storable))
        .collect();
    for group in groups(&numbered) {
        let mut sql = Sql::new(
            "INSERT INTO metric (workspace, job, position, name, value, step, at) VALUES ",
        );
        sql.tuples(group.iter().map(|(position, metric)| {
            [
                workspace.as_str().into(),
                job.as_str().into(),
                (*position).into(),
                Value::from(&metric.name),
                metric.value.into(),
                metric.step.into(),
                metric.at.0.into(),
            ]
        }));
        sql.run(on).await?;
    }
    Ok(())
}

/// How many are kept.
pub(crate) async fn count(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
) -> Result<u64, Error> {
    let text =
        "SELECT COALESCE(MAX(position) + 1, 0) FROM metric WHERE workspace = $1 AND job = $2";
    let query = sqlx::query(text)
        .bind(workspace.as_str())
        .bind(job.as_str());
    let count: i64 = query.fetch_one(on).await?.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Metrics in order, from a position on.
pub(crate) async fn read(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
    from: u64,
    limit: u32,
) -> Result<Vec<Metric>, Error> {
    let text = "SELECT name, value, step, at FROM metric WHERE workspace = $1 AND job = $2 \
                AND position >= $3 ORDER BY position LIMIT $4";
    let query = sqlx::query(text)
        .bind(workspace.as_str())
        .bind(job.as_str())
        .bind(long(from))
        .bind(i64::from(limit));
    query.fetch_all(on).await?.iter().map(metric).collect()
}

fn metric(row: &AnyRow) -> Result<Metric, Error> {
    Ok(Metric {
        name: row.try_get(0)?,
        value: row.try_get(1)?,
        step: row.try_get(2)?,
        at: Timestamp(row.try_get(3)?),
    })
}
