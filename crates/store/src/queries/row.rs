//! A row as it is read.

use contracts::store::{Body, Key, NewRow, Row};
use domain::{Timestamp, Workspace};
use sqlx::any::AnyRow;
use sqlx::{Error, Row as _};
use std::collections::BTreeMap;

/// The columns that [`read`] takes, of the table named `r`.
pub(crate) const COLUMNS: &str = "r.kind, r.workspace, r.id, r.parent, r.phase, r.labels, r.due, \
                                  r.body, r.revision, r.created, r.updated";

/// The row of [`COLUMNS`].
pub(crate) fn read(row: &AnyRow) -> Result<Row, Error> {
    let labels: Option<&str> = row.try_get(5)?;
    let due: Option<i64> = row.try_get(6)?;
    Ok(Row {
        row: NewRow {
            key: Key {
                kind: row.try_get(0)?,
                workspace: workspace(row.try_get(1)?)?,
                id: row.try_get(2)?,
            },
            parent: row.try_get(3)?,
            phase: row.try_get(4)?,
            labels: labels.map_or_else(|| Ok(BTreeMap::new()), json)?,
            due: due.map(Timestamp),
            body: Body::from_text(row.try_get::<&str, _>(7)?),
        },
        revision: row.try_get(8)?,
        created: Timestamp(row.try_get(9)?),
        updated: Timestamp(row.try_get(10)?),
    })
}

/// A value that was kept as JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Decode(Box::new(error)))
}

/// A scope.
pub(crate) fn workspace(text: String) -> Result<Workspace, Error> {
    Workspace::new(text).map_err(|error| Error::Decode(Box::new(error)))
}
