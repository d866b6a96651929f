//! Leases due rows. A lease is a row of its own, and taking it is one statement, so that no two
//! owners ever get the same one. On PostgreSQL it passes over rows that somebody else is taking or
//! writing at the moment.

use super::{ADDRESS, address, row};
use crate::fault::Place;
use crate::sql::{Sql, groups};
use contracts::store::{Claim, Key, Row};
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::{Error, Row as _};

/// The rows that are now leased, the longest due first.
pub(crate) async fn run(
    on: &mut AnyConnection,
    place: &Place,
    claim: &Claim,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    if claim.ids.is_empty() {
        rows = take(on, place, claim, &[], claim.limit).await?;
    }
    for group in groups(&claim.ids) {
        let left = claim.limit.saturating_sub(rows.len() as u32);
        if left == 0 {
            break;
        }
        rows.extend(take(on, place, claim, group, left).await?);
    }
    let order = |row: &Row| {
        (
            row.row.due.unwrap_or(Timestamp(i64::MAX)),
            row.row.key.clone(),
        )
    };
    rows.sort_by_cached_key(order);
    Ok(rows)
}

async fn take(
    on: &mut AnyConnection,
    place: &Place,
    claim: &Claim,
    ids: &[Key],
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let found = statement(place, claim, ids, limit).rows(on).await?;
    if matches!(place, Place::Postgres { .. }) {
        return found.iter().map(row::read).collect();
    }
    // SQLite cannot read rows in the statement that leases them; nothing can come between the two,
    // since there is one writer.
    let keys: Result<Vec<Key>, Error> = found
        .iter()
        .map(|row| {
            Ok(Key {
                kind: row.try_get(0)?,
                workspace: row::workspace(row.try_get(1)?)?,
                id: row.try_get(2)?,
            })
        })
        .collect();
    let mut rows = Vec::with_capacity(found.len());
    for group in groups(&keys?) {
        let mut sql = Sql::new(format!("SELECT {} FROM resource r WHERE ", row::COLUMNS));
        sql.any_of(ADDRESS, group.iter().map(address));
        for found in sql.rows(on).await? {
            rows.push(row::read(&found)?);
        }
    }
    Ok(rows)
}

/// The statement of a claim: on PostgreSQL it answers with the rows, on SQLite with their
/// addresses.
pub(super) fn statement(place: &Place, claim: &Claim, ids: &[Key], limit: u32) -> Sql {
    match place {
        Place::Sqlite(_) => {
            let mut sql = Sql::new(INSERT);
            chosen(&mut sql, claim, "r.");
            sql.push(" FROM resource r");
            picked(&mut sql, claim, ids, limit);
            sql.push(TAKEN).bind(claim.now.0);
            sql.push(" RETURNING kind, workspace, id");
            sql
        }
        Place::Postgres { .. } => {
            // Locked first and read as they then are: the snapshot of the statement may be older
            // than a write that ended before the lock was had.
            let mut sql = Sql::new(format!(
                "WITH picked AS (SELECT {} FROM resource r",
                row::COLUMNS
            ));
            picked(&mut sql, claim, ids, limit);
            sql.push(" FOR UPDATE OF r SKIP LOCKED), leased AS (")
                .push(INSERT);
            chosen(&mut sql, claim, "");
            sql.push(" FROM picked").push(TAKEN).bind(claim.now.0);
            sql.push(" RETURNING kind, workspace, id) SELECT ")
                .push(row::COLUMNS)
                .push(
                    " FROM picked r JOIN leased l ON l.kind = r.kind \
                     AND l.workspace = r.workspace AND l.id = r.id",
                );
            sql
        }
    }
}

const INSERT: &str = "INSERT INTO lease (kind, workspace, id, owner, ends) SELECT ";

/// A lease that has run out gives way; one that was taken a moment ago does not.
const TAKEN: &str = " ON CONFLICT (kind, workspace, id) DO UPDATE SET owner = excluded.owner, \
                     ends = excluded.ends WHERE lease.ends <= ";

/// The columns of a new lease.
fn chosen(sql: &mut Sql, claim: &Claim, of: &str) {
    for column in ADDRESS {
        sql.push(of).push(column).push(", ");
    }
    sql.bind(&claim.owner)
        .push(", ")
        .bind((claim.now + claim.lease).0);
}

/// Which rows are to be leased.
fn picked(sql: &mut Sql, claim: &Claim, ids: &[Key], limit: u32) {
    sql.push(
        " WHERE NOT EXISTS (SELECT 1 FROM lease l WHERE l.kind = r.kind \
         AND l.workspace = r.workspace AND l.id = r.id AND l.ends > ",
    );
    sql.bind(claim.now.0).push(")");
    if ids.is_empty() {
        sql.push(" AND r.due IS NOT NULL AND r.due <= ")
            .bind(claim.now.0);
    } else {
        sql.push(" AND (")
            .any_of(["r.kind", "r.workspace", "r.id"], ids.iter().map(address))
            .push(")");
    }
    if !claim.kinds.is_empty() {
        sql.push(" AND r.kind IN (")
            .values(claim.kinds.iter().map(Into::into))
            .push(")");
    }
    // NULLS LAST by hand, for one text on both databases.
    sql.push(" ORDER BY ");
    if !ids.is_empty() {
        sql.push("r.due IS NULL, ");
    }
    sql.push("r.due, r.kind, r.workspace, r.id LIMIT ")
        .bind(i64::from(limit));
}
