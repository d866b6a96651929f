//! Forgets events. Their numbers are those of their order in time, so the oldest are looked at by
//! number, which needs no index of times; the counter stays, so no number is ever given twice.

use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::Error;

/// Events that are looked at in one transaction, so that no writer waits long.
pub(crate) const PORTION: u64 = 2_000;

/// Forgets those of the oldest [`PORTION`] that are older than `before`; answers how many.
pub(crate) async fn run(on: &mut AnyConnection, before: Timestamp) -> Result<u64, Error> {
    let done = sqlx::query(
        "DELETE FROM event WHERE at < $1 AND sequence IN \
         (SELECT sequence FROM event ORDER BY sequence LIMIT $2)",
    )
    .bind(before.0)
    .bind(PORTION as i64)
    .execute(on)
    .await?;
    Ok(done.rows_affected())
}
