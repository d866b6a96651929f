//! One row by its address.

use super::{address, row};
use crate::sql::Sql;
use contracts::store::{Key, Row};
use sqlx::AnyConnection;
use sqlx::Error;

/// The row, if it exists.
pub(crate) async fn run(on: &mut AnyConnection, key: &Key) -> Result<Option<Row>, Error> {
    let [kind, workspace, id] = address(key);
    let mut sql = Sql::new(format!(
        "SELECT {} FROM resource r WHERE r.kind = ",
        row::COLUMNS
    ));
    sql.bind(kind).push(" AND r.workspace = ").bind(workspace);
    sql.push(" AND r.id = ").bind(id);
    sql.row(on).await?.as_ref().map(row::read).transpose()
}
