//! Reads what a batch of commits touches and writes what it changes.

use super::plan::{Effects, Found, Known, Numbered, Outcome};
use crate::queries::{ADDRESS, address};
use crate::sql::{Sql, Value, groups};
use contracts::store::{Commit, Expect, Idempotency, Key, NewRow};
use domain::{Timestamp, Workspace};
use sqlx::AnyConnection;
use sqlx::{Error, Row as _};
use std::collections::BTreeSet;

/// What the database knows of everything that the commits touch. `sequence` was read under the
/// lock that keeps other servers from committing.
pub(crate) async fn read(
    on: &mut AnyConnection,
    commits: &[&Commit],
    sequence: i64,
) -> Result<Known, Error> {
    let mut known = Known {
        sequence,
        ..Known::default()
    };
    let mut keys: BTreeSet<&Key> = BTreeSet::new();
    let mut answers = Vec::new();
    for commit in commits {
        keys.extend(commit.put.iter().map(|row| &row.key));
        keys.extend(&commit.delete);
        keys.extend(commit.expect.iter().map(|expect| match expect {
            Expect::Absent(key) | Expect::Revision(key, _) => key,
        }));
        answers.extend(&commit.idempotency);
    }
    let keys: Vec<&Key> = keys.into_iter().collect();
    for group in groups(&keys) {
        read_rows(on, group, &mut known).await?;
    }
    for group in groups(&answers) {
        read_answers(on, group, &mut known).await?;
    }
    Ok(known)
}

async fn read_rows(on: &mut AnyConnection, keys: &[&Key], known: &mut Known) -> Result<(), Error> {
    let mut sql = Sql::new("WITH wanted (kind, workspace, id) AS (VALUES ");
    sql.tuples(keys.iter().map(|key| address(key))).push(
        ") SELECT r.kind, r.workspace, r.id, r.revision, r.created FROM wanted w \
         JOIN resource r ON r.kind = w.kind AND r.workspace = w.workspace AND r.id = w.id",
    );
    for row in sql.rows(on).await? {
        let key = Key {
            kind: row.try_get(0)?,
            workspace: workspace(row.try_get(1)?)?,
            id: row.try_get(2)?,
        };
        let found = Found {
            revision: row.try_get(3)?,
            created: Timestamp(row.try_get(4)?),
        };
        known.rows.insert(key, found);
    }
    Ok(())
}

async fn read_answers(
    on: &mut AnyConnection,
    records: &[&Idempotency],
    known: &mut Known,
) -> Result<(), Error> {
    let mut sql = Sql::new("WITH wanted (workspace, token) AS (VALUES ");
    sql.tuples(
        records
            .iter()
            .map(|record| [record.workspace.as_str().into(), Value::from(&record.token)]),
    );
    sql.push(
        ") SELECT a.workspace, a.token, a.expires FROM wanted w \
         JOIN answer a ON a.workspace = w.workspace AND a.token = w.token",
    );
    for row in sql.rows(on).await? {
        let place = (workspace(row.try_get(0)?)?, row.try_get(1)?);
        known.answers.insert(place, Timestamp(row.try_get(2)?));
    }
    Ok(())
}

fn workspace(text: String) -> Result<Workspace, Error> {
    Workspace::new(text).map_err(|error| Error::Decode(Box::new(error)))
}

/// Writes the effects of a batch.
pub(crate) async fn write(on: &mut AnyConnection, effects: &Effects<'_>) -> Result<(), Error> {
    let mut written = Vec::new();
    let mut deleted = Vec::new();
    let mut labels = Vec::new();
    let mut known = Vec::new();
    for (key, outcome) in &effects.rows {
        match outcome {
            Outcome::Written {
                row,
                found,
                updated,
            } => {
                written.push((*row, *found, *updated));
                let created = found.created.0;
                labels.extend(row.labels.iter().map(|label| (*key, label, created)));
                if found.revision > 1 {
                    known.push(*key);
                }
            }
            Outcome::Deleted => {
                deleted.push(*key);
                known.push(*key);
            }
        }
    }
    for group in groups(&known) {
        remove(on, "label", group).await?;
    }
    for group in groups(&deleted) {
        remove(on, "resource", group).await?;
    }
    for group in groups(&written) {
        upsert(on, group).await?;
    }
    // After the rows, which is the order in which a claim locks: a lease that is being taken at
    // this moment is seen once the rows are ours.
    for group in groups(&known) {
        remove(on, "lease", group).await?;
    }
    for group in groups(&labels) {
        let mut sql =
            Sql::new("INSERT INTO label (kind, workspace, id, name, value, created) VALUES ");
        sql.tuples(group.iter().map(|(key, (name, value), created)| {
            let [kind, workspace, id] = address(key);
            let (name, value) = (Value::from(*name), Value::from(*value));
            [kind, workspace, id, name, value, (*created).into()]
        }));
        sql.run(on).await?;
    }
    for group in groups(&effects.events) {
        insert_events(on, group).await?;
    }
    for group in groups(&effects.answers) {
        remember(on, group).await?;
    }
    Ok(())
}

async fn remove(on: &mut AnyConnection, table: &str, keys: &[&Key]) -> Result<(), Error> {
    let mut sql = Sql::new(format!("DELETE FROM {table} WHERE "));
    sql.any_of(ADDRESS, keys.iter().map(|key| address(key)));
    sql.run(on).await
}

async fn upsert(on: &mut AnyConnection, rows: &[(&NewRow, Found, Timestamp)]) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO resource (kind, workspace, id, parent, phase, labels, due, body, revision, \
         created, updated) VALUES ",
    );
    let mut tuples = Vec::with_capacity(rows.len());
    for (row, found, updated) in rows {
        let labelled = !row.labels.is_empty();
        let labels = labelled.then(|| json(&row.labels)).transpose()?;
        let [kind, workspace, id] = address(&row.key);
        tuples.push([
            kind,
            workspace,
            id,
            row.parent.clone().into(),
            Value::from(&row.phase),
            labels.into(),
            row.due.map(|due| due.0).into(),
            row.body.text().into(),
            found.revision.into(),
            found.created.0.into(),
            updated.0.into(),
        ]);
    }
    sql.tuples(tuples).push(
        " ON CONFLICT (kind, workspace, id) DO UPDATE SET parent = excluded.parent, \
         phase = excluded.phase, labels = excluded.labels, due = excluded.due, \
         body = excluded.body, revision = excluded.revision, created = excluded.created, \
         updated = excluded.updated",
    );
    sql.run(on).await
}

async fn insert_events(on: &mut AnyConnection, events: &[Numbered<'_>]) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO event (sequence, workspace, kind, id, action, actor, at, detail) VALUES ",
    );
    let mut tuples = Vec::with_capacity(events.len());
    for Numbered {
        sequence,
        at,
        event,
    } in events
    {
        let [kind, workspace, id] = address(&event.key);
        tuples.push([
            (*sequence).into(),
            workspace,
            kind,
            id,
            Value::from(&event.action),
            json(&event.actor)?.into(),
            at.0.into(),
            json(&event.detail)?.into(),
        ]);
    }
    sql.tuples(tuples);
    sql.run(on).await
}

async fn remember(on: &mut AnyConnection, records: &[&Idempotency]) -> Result<(), Error> {
    let mut sql =
        Sql::new("INSERT INTO answer (workspace, token, fingerprint, answer, expires) VALUES ");
    let mut tuples = Vec::with_capacity(records.len());
    for record in records {
        tuples.push([
            record.workspace.as_str().into(),
            Value::from(&record.token),
            Value::from(&record.fingerprint),
            json(&record.answer)?.into(),
            record.expires.0.into(),
        ]);
    }
    sql.tuples(tuples).push(
        " ON CONFLICT (workspace, token) DO UPDATE SET fingerprint = excluded.fingerprint, \
         answer = excluded.answer, expires = excluded.expires",
    );
    sql.run(on).await
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Encode(Box::new(error)))
}
