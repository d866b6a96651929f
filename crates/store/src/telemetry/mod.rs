//! Metric series and kept logs: one file for each of the two. The functions here run inside a
//! transaction that [`lock`] has made the only one for this job.

pub(crate) mod log;
pub(crate) mod metrics;
mod seam;

use crate::fault::Place;
use domain::{JobId, Workspace};
use sqlx::AnyConnection;
use sqlx::Error;

/// Keeps other servers from appending to the same job until the transaction ends. SQLite has one
/// writer anyway.
pub(crate) async fn lock(
    on: &mut AnyConnection,
    place: &Place,
    workspace: &Workspace,
    job: &JobId,
) -> Result<(), Error> {
    if matches!(place, Place::Postgres { .. }) {
        sqlx::query("SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 0)) AS TEXT)")
            .bind(format!("tradewind telemetry {workspace}/{job}"))
            .execute(on)
            .await?;
    }
    Ok(())
}

/// Forgets everything of a job.
pub(crate) async fn forget(
    on: &mut AnyConnection,
    workspace: &Workspace,
    job: &JobId,
) -> Result<(), Error> {
    for statement in [
        "DELETE FROM metric WHERE workspace = $1 AND job = $2",
        "DELETE FROM log WHERE workspace = $1 AND job = $2",
    ] {
        let query = sqlx::query(statement)
            .bind(workspace.as_str())
            .bind(job.as_str());
        query.execute(&mut *on).await?;
    }
    Ok(())
}

/// A place on a scale of the contract as the database keeps it; what is beyond 2^63 is beyond
/// everything that was ever kept.
pub(crate) fn long(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
