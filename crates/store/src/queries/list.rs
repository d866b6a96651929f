//! A page of rows: keyset paging, so that a page costs the same at the end as at the beginning.

use super::row;
use crate::sql::Sql;
use contracts::store::check::USUAL_PAGE;
use contracts::store::cursor::Cursor;
use contracts::store::{Order, Page, Query, Row};
use sqlx::AnyConnection;
use sqlx::Error;

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

fn statement(query: &Query, cursor: Option<&Cursor>, limit: usize) -> Sql {
    let mut sql = Sql::new(format!("SELECT {} FROM resource r", row::COLUMNS));
    for index in 0..query.labels.len() {
        sql.push(&format!(
            " JOIN label l{index} ON l{index}.kind = r.kind \
             AND l{index}.workspace = r.workspace AND l{index}.id = r.id"
        ));
    }
    sql.push(" WHERE r.kind = ").bind(&query.kind);
    for (index, (name, value)) in query.labels.iter().enumerate() {
        sql.push(&format!(" AND l{index}.kind = "))
            .bind(&query.kind);
        sql.push(&format!(" AND l{index}.name = ")).bind(name);
        sql.push(&format!(" AND l{index}.value = ")).bind(value);
    }
    if let Some(workspace) = &query.workspace {
        sql.push(" AND r.workspace = ").bind(workspace.as_str());
    }
    if let Some(parent) = &query.parent {
        sql.push(" AND r.parent = ").bind(parent);
    }
    if !query.phases.is_empty() {
        sql.push(" AND r.phase IN (")
            .values(query.phases.iter().map(Into::into))
            .push(")");
    }
    if let Some(prefix) = &query.prefix {
        sql.push(" AND r.id >= ").bind(prefix);
        if let Some(end) = after_prefix(prefix) {
            sql.push(" AND r.id < ").bind(end);
        }
    }
    order(&mut sql, query, cursor);
    sql.push(" LIMIT ").bind(limit as i64);
    sql
}

fn order(sql: &mut Sql, query: &Query, cursor: Option<&Cursor>) {
    let one = query.workspace.is_some();
    match query.order {
        Order::Id => {
            if let Some(after) = &query.after_id {
                // No id holds a NUL character: those after `a\0b` are those after `a`.
                let after = after.split('\0').next().unwrap_or_default();
                sql.push(" AND r.id > ").bind(after);
            }
            match cursor {
                Some(at) if one => {
                    sql.push(" AND r.id > ").bind(&at.id);
                }
                Some(at) => {
                    sql.push(" AND (r.id, r.workspace) > (").bind(&at.id);
                    sql.push(", ").bind(at.workspace.as_str()).push(")");
                }
                None => {}
            }
            sql.push(if one {
                " ORDER BY r.id"
            } else {
                " ORDER BY r.id, r.workspace"
            });
        }
        Order::Newest => {
            if let Some(at) = cursor {
                sql.push(" AND (r.created, r.id, r.workspace) < (")
                    .bind(at.created.0);
                sql.push(", ")
                    .bind(&at.id)
                    .push(", ")
                    .bind(at.workspace.as_str())
                    .push(")");
            }
            sql.push(if one {
                " ORDER BY r.created DESC, r.id DESC"
            } else {
                " ORDER BY r.created DESC, r.id DESC, r.workspace DESC"
            });
        }
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
