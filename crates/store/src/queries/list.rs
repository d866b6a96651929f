//! A page of rows: keyset paging, so that a page costs the same at the end as at the beginning.

use super::row;
use crate::sql::Sql;
use contracts::store::check::USUAL_PAGE;
use contracts::store::cursor::Cursor;
use contracts::store::{Order, Page, Query, Row};
use sqlx::AnyConnection;
use sqlx::Error;
use std::collections::BTreeSet;

/// The page of a query that was checked, after its cursor.
pub(crate) async fn run(
    on: &mut AnyConnection,
    query: &Query,
    cursor: Option<&Cursor>,
) -> Result<Page, Error> {
    let limit = match query.limit {
        0 => USUAL_PAGE as usize,
        limit => limit as usize,
    };
    if unmatched(query) {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    }
    let found = statement(query, cursor, limit + 1).rows(on).await?;
    let rows: Result<Vec<Row>, Error> = found.iter().take(limit).map(row::read).collect();
    let rows = rows?;
    let last = rows.last().filter(|_| found.len() > limit);
    Ok(Page {
        next: last.map(|last| Cursor::token(query.order, last)),
        rows,
    })
}

/// Whether nothing can match: a NUL character is in no stored text, and PostgreSQL does not even
/// take it as a parameter.
fn unmatched(query: &Query) -> bool {
    let label = |(name, value): (&String, &String)| name.contains('\0') || value.contains('\0');
    query
        .prefix
        .iter()
        .chain(&query.parent)
        .any(|text| text.contains('\0'))
        || query.labels.iter().any(label)
        || query.phases.iter().any(|phase| phase.contains('\0'))
}

/// The statement of a page.
pub(super) fn statement(query: &Query, cursor: Option<&Cursor>, limit: usize) -> Sql {
    let mut sql = Sql::new("");
    let phases: BTreeSet<&String> = query.phases.iter().collect();
    let alternatives = 2..=MOST_BRANCHES;
    if query.order == Order::Newest && alternatives.contains(&phases.len()) {
        // The newest of each phase, each read in order from its index, and of those the newest:
        // with `IN` either all rows or all rows of the phases would be read.
        for (index, phase) in phases.into_iter().enumerate() {
            sql.push(if index == 0 { "" } else { " UNION ALL " })
                .push("SELECT * FROM (");
            branch(&mut sql, query, cursor, &[phase]);
            sql.push(" LIMIT ")
                .bind(limit as i64)
                .push(&format!(") AS b{index}"));
        }
        sql.push(" ORDER BY created DESC, id DESC, workspace DESC");
    } else {
        let phases: Vec<&String> = phases.into_iter().collect();
        branch(&mut sql, query, cursor, &phases);
    }
    sql.push(" LIMIT ").bind(limit as i64);
    sql
}

/// Up to how many phases are looked for one by one.
const MOST_BRANCHES: usize = 16;

fn branch(sql: &mut Sql, query: &Query, cursor: Option<&Cursor>, phases: &[&String]) {
    sql.push("SELECT ").push(row::COLUMNS).push(" FROM ");
    // With labels the first one leads: its indexes hold what both orders go by.
    let lead = if query.labels.is_empty() { "r" } else { "l0" };
    for index in 0..query.labels.len() {
        sql.push(&format!("label l{index}, "));
    }
    sql.push(&format!("resource r WHERE {lead}.kind = "))
        .bind(&query.kind);
    for index in 0..query.labels.len() {
        sql.push(&format!(
            " AND l{index}.kind = r.kind AND l{index}.workspace = r.workspace \
             AND l{index}.id = r.id"
        ));
    }
    for (index, (name, value)) in query.labels.iter().enumerate() {
        sql.push(&format!(" AND l{index}.name = ")).bind(name);
        sql.push(&format!(" AND l{index}.value = ")).bind(value);
    }
    if let Some(workspace) = &query.workspace {
        sql.push(&format!(" AND {lead}.workspace = "))
            .bind(workspace.as_str());
    }
    if let Some(parent) = &query.parent {
        sql.push(" AND r.parent = ").bind(parent);
    }
    match phases {
        [] => {}
        [phase] => {
            sql.push(" AND r.phase = ").bind(*phase);
        }
        phases => {
            let phases = phases.iter().map(|phase| (*phase).into());
            sql.push(" AND r.phase IN (").values(phases).push(")");
        }
    }
    if let Some(prefix) = &query.prefix {
        sql.push(&format!(" AND {lead}.id >= ")).bind(prefix);
        if let Some(end) = after_prefix(prefix) {
            sql.push(&format!(" AND {lead}.id < ")).bind(end);
        }
    }
    match query.order {
        Order::Id => by_id(sql, query, cursor, lead),
        Order::Newest => newest(sql, query, cursor, lead),
    }
}

fn by_id(sql: &mut Sql, query: &Query, cursor: Option<&Cursor>, lead: &str) {
    let one = query.workspace.is_some();
    if let Some(after) = &query.after_id {
        // No id holds a NUL character: those after `a\0b` are those after `a`.
        let after = after.split('\0').next().unwrap_or_default();
        sql.push(&format!(" AND {lead}.id > ")).bind(after);
    }
    match cursor {
        Some(at) if one => {
            sql.push(&format!(" AND {lead}.id > ")).bind(&at.id);
        }
        Some(at) => {
            sql.push(&format!(" AND ({lead}.id, {lead}.workspace) > ("))
                .bind(&at.id);
            sql.push(", ").bind(at.workspace.as_str()).push(")");
        }
        None => {}
    }
    let order = format!(" ORDER BY {lead}.id");
    sql.push(&order);
    if !one {
        sql.push(&format!(", {lead}.workspace"));
    }
}

fn newest(sql: &mut Sql, query: &Query, cursor: Option<&Cursor>, lead: &str) {
    if let Some(at) = cursor {
        sql.push(&format!(
            " AND ({lead}.created, {lead}.id, {lead}.workspace) < ("
        ));
        sql.bind(at.created.0).push(", ").bind(&at.id);
        sql.push(", ").bind(at.workspace.as_str()).push(")");
    }
    sql.push(&format!(" ORDER BY {lead}.created DESC, {lead}.id DESC"));
    if query.workspace.is_none() {
        sql.push(&format!(", {lead}.workspace DESC"));
    }
}

/// The first text that sorts after all that begin with `prefix`; `None` when there is none. UTF-8
/// sorts as its code points do, so the last character that has a successor gets it.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn a_prefix_ends_where_the_next_text_begins() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("a%_", Some("a%`")),
            ("ä\u{D7FF}", Some("ä\u{E000}")),
            ("a\u{10FFFF}\u{10FFFF}", Some("b")),
            ("\u{10FFFF}", None),
            ("", None),
        ] {
            assert_eq!(after_prefix(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
