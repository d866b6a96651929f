//! Brings a database to the form that this version reads. All missing steps are one transaction:
//! a crash leaves the old form, and of two servers that start at once one waits for the other.

use crate::fault::Place;
use contracts::store::StoreError;
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::{AssertSqlSafe, Connection as _, Error, Row as _};

/// The steps in order; a step's version is its place, counted from 1. A step that was released
/// is never edited.
const STEPS: [(&str, &str); 4] = [
    ("state", include_str!("../migrations/0001_state.sql")),
    (
        "telemetry",
        include_str!("../migrations/0002_telemetry.sql"),
    ),
    ("leases", include_str!("../migrations/0003_leases.sql")),
    (
        "run parts",
        include_str!("../migrations/0004_run_parts.sql"),
    ),
];

/// The number under which PostgreSQL knows the lock of migrations: `TRADEWND` in ASCII.
const LOCK: i64 = 0x5452_4144_4557_4E44;

const HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_version \
     (version {long} NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied {long} NOT NULL)";

/// Applies what is missing. A database of a newer version is refused untouched.
pub(crate) async fn run(
    connection: &mut AnyConnection,
    place: &Place,
    now: Timestamp,
) -> Result<(), StoreError> {
    let fault = |error| place.fault("preparing its tables", error);
    let begin = match place {
        Place::Sqlite(_) => "BEGIN IMMEDIATE",
        Place::Postgres { .. } => "BEGIN",
    };
    let mut transaction = connection.begin_with(begin).await.map_err(fault)?;
    let found = version(&mut transaction, place).await.map_err(fault)?;
    let newest = STEPS.len() as i64;
    if found > newest {
        return Err(StoreError::Incompatible(format!(
            "{place} was written by a newer version of Tradewind (its form is {found}, this \
             version knows up to {newest}); use the newer version, or another database"
        )));
    }
    for (version, (name, script)) in (1_i64..).zip(STEPS).filter(|(v, _)| *v > found) {
        tracing::info!(%place, version, name, "preparing tables");
        apply(&mut transaction, place, script)
            .await
            .map_err(fault)?;
        sqlx::query("INSERT INTO schema_version (version, name, applied) VALUES ($1, $2, $3)")
            .bind(version)
            .bind(name)
            .bind(now.0)
            .execute(&mut *transaction)
            .await
            .map_err(fault)?;
    }
    transaction.commit().await.map_err(fault)
}

/// The last applied step, 0 for an empty database.
async fn version(connection: &mut AnyConnection, place: &Place) -> Result<i64, Error> {
    if matches!(place, Place::Postgres { .. }) {
        sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)")
            .bind(LOCK)
            .execute(&mut *connection)
            .await?;
    }
    apply(connection, place, HISTORY).await?;
    let last = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM schema_version")
        .fetch_one(connection)
        .await?;
    last.try_get(0)
}

async fn apply(connection: &mut AnyConnection, place: &Place, script: &str) -> Result<(), Error> {
    let (bytes, long) = match place {
        Place::Sqlite(_) => ("TEXT", "INTEGER"),
        Place::Postgres { .. } => ("TEXT COLLATE \"C\"", "BIGINT"),
    };
    let script = script.replace("{bytes}", bytes).replace("{long}", long);
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(connection)
        .await?;
    Ok(())
}
