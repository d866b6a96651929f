//! Gives a lease back.

use super::address;
use crate::sql::Sql;
use contracts::store::Key;
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::Error;

/// Ends the owner's lease and sets when the row is due next; nothing when the lease was lost.
pub(crate) async fn run(
    on: &mut AnyConnection,
    key: &Key,
    owner: &str,
    due: Option<Timestamp>,
) -> Result<(), Error> {
    let [kind, workspace, id] = address(key);
    let mut sql = Sql::new("UPDATE resource SET lease_owner = NULL, lease_until = NULL, due = ");
    sql.bind(due.map(|due| due.0))
        .push(" WHERE kind = ")
        .bind(kind);
    sql.push(" AND workspace = ")
        .bind(workspace)
        .push(" AND id = ")
        .bind(id);
    sql.push(" AND lease_owner = ").bind(owner);
    sql.run(on).await
}

/// Ends all leases, whoever has them.
pub(crate) async fn all(on: &mut AnyConnection) -> Result<(), Error> {
    let sql = Sql::new(
        "UPDATE resource SET lease_owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL",
    );
    sql.run(on).await
}
