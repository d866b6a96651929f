//! Gives a lease back.

use super::address;
use crate::sql::{Sql, Value};
use contracts::store::Key;
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::Error;

/// Ends the owner's lease and sets when the row is due next; nothing when the lease was lost. A
/// crash between the two leaves a lease that runs out.
pub(crate) async fn run(
    on: &mut AnyConnection,
    key: &Key,
    owner: &str,
    due: Option<Timestamp>,
) -> Result<(), Error> {
    let [kind, workspace, id] = address(key);
    // A row that is due then anyway is not written: it may be large.
    let mut sql = Sql::new("UPDATE resource SET due = ");
    sql.bind(due.map(|due| due.0))
        .push(" WHERE due IS DISTINCT FROM ")
        .bind(due.map(|due| due.0));
    sql.push(" AND kind = ").bind(kind);
    sql.push(" AND workspace = ").bind(workspace);
    sql.push(" AND id = ").bind(id);
    sql.push(" AND EXISTS (SELECT 1 FROM lease l WHERE ");
    lease(&mut sql, "l.", key, owner);
    sql.push(")");
    sql.run(on).await?;
    let mut sql = Sql::new("DELETE FROM lease WHERE ");
    lease(&mut sql, "", key, owner);
    sql.run(on).await
}

/// The condition that names an owner's lease.
fn lease(sql: &mut Sql, of: &str, key: &Key, owner: &str) {
    let [kind, workspace, id] = address(key);
    let columns = [
        ("kind", kind),
        ("workspace", workspace),
        ("id", id),
        ("owner", Value::from(owner)),
    ];
    for (index, (column, value)) in columns.into_iter().enumerate() {
        sql.push(if index == 0 { "" } else { " AND " });
        sql.push(of).push(column).push(" = ").bind(value);
    }
}

/// Ends all leases, whoever has them.
pub(crate) async fn all(on: &mut AnyConnection) -> Result<(), Error> {
    Sql::new("DELETE FROM lease").run(on).await
}
