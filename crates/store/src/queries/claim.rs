//! Leases due rows: one statement, so that no two owners ever get the same one. On PostgreSQL it
//! passes over rows that somebody else is taking or writing at the moment.

use super::{ADDRESS, address, row};
use crate::fault::Place;
use crate::sql::{Sql, groups};
use contracts::store::{Claim, Key, Row};
use domain::Timestamp;
use sqlx::AnyConnection;
use sqlx::Error;

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
    found.iter().map(row::read).collect()
}

/// The statement of a claim.
pub(super) fn statement(place: &Place, claim: &Claim, ids: &[Key], limit: u32) -> Sql {
    let mut sql = Sql::new(
        "WITH picked AS (SELECT kind, workspace, id FROM resource \
         WHERE (lease_until IS NULL OR lease_until <= ",
    );
    sql.bind(claim.now.0).push(")");
    if ids.is_empty() {
        sql.push(" AND due IS NOT NULL AND due <= ")
            .bind(claim.now.0);
    } else {
        sql.push(" AND (")
            .any_of(ADDRESS, ids.iter().map(address))
            .push(")");
    }
    if !claim.kinds.is_empty() {
        sql.push(" AND kind IN (")
            .values(claim.kinds.iter().map(Into::into))
            .push(")");
    }
    // NULLS LAST by hand, for one text on both databases.
    sql.push(" ORDER BY ");
    if !ids.is_empty() {
        sql.push("due IS NULL, ");
    }
    sql.push("due, kind, workspace, id LIMIT ")
        .bind(i64::from(limit));
    if matches!(place, Place::Postgres { .. }) {
        sql.push(" FOR UPDATE SKIP LOCKED");
    }
    sql.push(") UPDATE resource AS r SET lease_owner = ")
        .bind(&claim.owner);
    sql.push(", lease_until = ")
        .bind((claim.now + claim.lease).0);
    sql.push(" WHERE (kind, workspace, id) IN (SELECT kind, workspace, id FROM picked) RETURNING ");
    sql.push(&row::COLUMNS.replace("r.", ""));
    sql
}
