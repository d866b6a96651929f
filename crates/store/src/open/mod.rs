//! Opening a database: what is checked before the first request, and the connections that serve
//! them afterwards.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::fault::Place;
use contracts::store::StoreError;
use sqlx::AnyConnection;
use sqlx::AnyPool;
use sqlx::any::AnyConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Error};

/// How to reach a database.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    /// What it is and how it is called.
    pub(crate) place: Place,
    options: AnyConnectOptions,
    /// Statements that every connection begins with.
    greeting: &'static [&'static str],
}

impl Database {
    fn new(place: Place, url: &str, greeting: &'static [&'static str]) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let parsed: Result<AnyConnectOptions, Error> = url.parse();
        let options = parsed.map_err(|error| place.fault("reading its URL", error))?;
        Ok(Self {
            place,
            options: options.disable_statement_logging(),
            greeting,
        })
    }

    /// A connection of its own, for the writer.
    pub(crate) async fn connect(&self) -> Result<AnyConnection, Error> {
        let mut connection = self.options.connect().await?;
        greet(&mut connection, self.greeting).await?;
        Ok(connection)
    }
}

async fn greet(connection: &mut AnyConnection, greeting: &[&'static str]) -> Result<(), Error> {
    for statement in greeting {
        sqlx::raw_sql(AssertSqlSafe(*statement))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// An opened database.
pub(crate) struct Opened {
    /// How to reach it again.
    pub(crate) database: Database,
    /// The writer's connection.
    pub(crate) writer: AnyConnection,
    /// The readers' connections.
    pub(crate) readers: AnyPool,
}
