//! One database of a PostgreSQL server, which several servers of Tradewind may share.

use super::{Database, Opened, greet};
use crate::fault::Place;
use crate::migrate;
use contracts::store::StoreError;
use domain::Timestamp;
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::PgConnectOptions;
use std::time::Duration;

/// How many connections serve reads, claims and telemetry; the writer and the listener have one
/// each beside them.
const CONNECTIONS: u32 = 8;

/// The lock on the counter of events is held by whoever commits. A server that froze or was cut
/// off in the middle must not hold it for ever.
const GREETING: &[&str] = &[
    "SET idle_in_transaction_session_timeout = '10s'",
    "SET lock_timeout = '30s'",
    "SET client_min_messages = warning",
    "SET default_transaction_isolation = 'read committed'",
];

/// A connection that was idle for longer is asked whether it still lives before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Connects and brings the tables up to date.
pub(crate) async fn open(url: &str, now: Timestamp) -> Result<Opened, StoreError> {
    let unnamed = Place::Postgres {
        database: "?".to_owned(),
        host: "?".to_owned(),
    };
    let parsed: Result<PgConnectOptions, sqlx::Error> = url.parse();
    let named = parsed.map_err(|error| unnamed.fault("reading its URL", error))?;
    let host = match named.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", named.get_host(), named.get_port()),
    };
    let place = Place::Postgres {
        database: named
            .get_database()
            .unwrap_or(named.get_username())
            .to_owned(),
        host,
    };
    let database = Database::new(place, url, GREETING)?;
    let place = &database.place;
    let fault = |error| place.fault("connecting", error);
    let mut writer = database.connect().await.map_err(fault)?;
    migrate::run(&mut writer, place, now).await?;
    let readers = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| Box::pin(greet(connection, GREETING)))
        .connect_with(database.options.clone())
        .await
        .map_err(fault)?;
    Ok(Opened {
        database,
        writer,
        readers,
    })
}
