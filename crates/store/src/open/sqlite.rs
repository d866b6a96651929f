//! One file, in write-ahead mode: one connection writes, a few read beside it.
//!
//! `synchronous=FULL` so that an acknowledged commit outlives a power cut, not only a crash of
//! the process; the writer's group commit pays one fsync for many commits.

use super::{Database, Opened, greet};
use crate::address::encode;
use crate::fault::Place;
use crate::migrate;
use contracts::store::StoreError;
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyPoolOptions;
use sqlx::{AssertSqlSafe, Error, Row as _};
use std::path::Path;
use std::time::Duration;

/// How a database file says that it is ours: `TWND` in ASCII in its header.
const APPLICATION: i64 = 0x5457_4E44;

/// Files up to this size are checked whole before they are used, which takes about 0.1 s; larger
/// ones are found damaged when the damaged page is read.
const CHECKED_WHOLE: u64 = 64 << 20;

/// How many connections read.
const READERS: u32 = 4;

const WRITER: &[&str] = &[
    "PRAGMA busy_timeout = 10000",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
];

const READER: &[&str] = &[
    "PRAGMA busy_timeout = 10000",
    "PRAGMA query_only = TRUE",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -4096",
];

/// Opens the file, creating it when it is not there.
pub(crate) async fn open(path: &Path, now: Timestamp) -> Result<Opened, StoreError> {
    let path = resolve(path)?;
    let place = Place::Sqlite(path.clone());
    let url = format!("sqlite://{}?mode=rwc", encode(&path));
    let database = Database::new(place, &url, WRITER)?;
    let place = &database.place;
    let fault = |error| place.fault("opening it", error);
    let mut writer = database.connect().await.map_err(fault)?;
    let fresh = claim_file(&mut writer, place).await?;
    let size = std::fs::metadata(&path).map_or(0, |file| file.len());
    if !fresh && size <= CHECKED_WHOLE {
        check(&mut writer, place).await?;
    }
    migrate::run(&mut writer, place, now).await?;
    let readers = AnyPoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| Box::pin(greet(connection, READER)))
        .connect_with(database.options.clone())
        .await
        .map_err(fault)?;
    Ok(Opened {
        database,
        writer,
        readers,
    })
}

/// The absolute path, so that a later change of the working folder changes nothing.
fn resolve(path: &Path) -> Result<String, StoreError> {
    let invalid = |why: String| StoreError::Invalid(format!("`{}` {why}", path.display()));
    let Some(name) = path.file_name() else {
        return Err(invalid("names no file for the database".to_owned()));
    };
    if path.is_dir() {
        return Err(invalid(
            "is a folder; name a file for the database inside it".to_owned(),
        ));
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|error| {
        invalid(format!(
            "cannot be opened: its folder cannot be entered ({error}); create it"
        ))
    })?;
    if !folder.is_dir() {
        return Err(invalid(
            "cannot be opened: it does not lie in a folder".to_owned(),
        ));
    }
    match folder.join(name).into_os_string().into_string() {
        Ok(path) => Ok(path),
        Err(_) => Err(invalid(
            "is not UTF-8; choose another data folder".to_owned(),
        )),
    }
}

/// Makes an empty file ours and tells whether it was empty; refuses one of another program.
async fn claim_file(writer: &mut AnyConnection, place: &Place) -> Result<bool, StoreError> {
    let fault = |error| place.fault("opening it", error);
    let mode = pragma(writer, "PRAGMA journal_mode = WAL")
        .await
        .map_err(fault)?;
    let application = number(writer, "PRAGMA application_id")
        .await
        .map_err(fault)?;
    let tables = number(writer, "SELECT count(*) FROM sqlite_master")
        .await
        .map_err(fault)?;
    if application != APPLICATION && tables > 0 {
        return Err(place.strange());
    }
    if mode != "wal" {
        return Err(StoreError::Incompatible(format!(
            "{place} lies on a file system that cannot share memory between processes (journal \
             mode `{mode}`); choose a data folder on a local disk"
        )));
    }
    if application != APPLICATION {
        let statement = format!("PRAGMA application_id = {APPLICATION}");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(writer)
            .await
            .map_err(fault)?;
    }
    Ok(tables == 0)
}

async fn check(writer: &mut AnyConnection, place: &Place) -> Result<(), StoreError> {
    let found = pragma(writer, "PRAGMA quick_check(1)").await;
    match found
        .map_err(|error| place.fault("checking it", error))?
        .as_str()
    {
        "ok" => Ok(()),
        problem => {
            tracing::error!(%place, problem, "the database is damaged");
            Err(place.damaged())
        }
    }
}

async fn pragma(writer: &mut AnyConnection, statement: &'static str) -> Result<String, Error> {
    sqlx::query(statement).fetch_one(writer).await?.try_get(0)
}

async fn number(writer: &mut AnyConnection, statement: &'static str) -> Result<i64, Error> {
    sqlx::query(statement).fetch_one(writer).await?.try_get(0)
}
