//! Decides the commits of one batch in memory: which of them hold, and what all of those that do
//! change together. Pure, so that the databases' part is only to read what is touched and to
//! write what is different, in a handful of statements for the whole batch.

use contracts::store::{Commit, Expect, Idempotency, Key, NewEvent, NewRow, Row, StoreError};
use domain::{Timestamp, Workspace};
use std::collections::{BTreeMap, HashMap};

/// What the database knows of a row before the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its revision.
    pub(crate) revision: i64,
    /// When it was first written.
    pub(crate) created: Timestamp,
}

/// What the database knows of everything that the batch touches.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Rows that exist.
    pub(crate) rows: HashMap<Key, Found>,
    /// Remembered answers by scope and token, with when they expire.
    pub(crate) answers: HashMap<(Workspace, String), Timestamp>,
    /// Number of the last event.
    pub(crate) sequence: i64,
}

/// How a touched row ends up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome<'a> {
    /// Written.
    Written {
        row: &'a NewRow,
        found: Found,
        updated: Timestamp,
    },
    /// Gone.
    Deleted,
}

/// An event with its number and time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Numbered<'a> {
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
    pub(crate) event: &'a NewEvent,
}

/// What the batch changes.
#[derive(Debug, Default)]
pub(crate) struct Effects<'a> {
    pub(crate) rows: BTreeMap<&'a Key, Outcome<'a>>,
    pub(crate) events: Vec<Numbered<'a>>,
    pub(crate) answers: Vec<&'a Idempotency>,
    /// Number of the last event afterwards.
    pub(crate) sequence: i64,
}

impl Effects<'_> {
    /// Those rows that are wanted, as the batch leaves them.
    pub(crate) fn renewed(&self, is_wanted: impl Fn(&Key) -> bool) -> Vec<Row> {
        let wanted = self.rows.iter().filter(|(key, _)| is_wanted(key));
        let rows = wanted.filter_map(|(_, outcome)| match outcome {
            Outcome::Written {
                row,
                found,
                updated,
            } => Some(Row {
                row: (*row).clone(),
                revision: found.revision,
                created: found.created,
                updated: *updated,
            }),
            Outcome::Deleted => None,
        });
        rows.collect()
    }
}

/// Takes the commits in order, each against what those before it left; the answer of each, and
/// the effects of all that hold.
pub(crate) fn decide<'a>(
    commits: &[&'a Commit],
    known: &mut Known,
) -> (Vec<Result<i64, StoreError>>, Effects<'a>) {
    let mut effects = Effects {
        sequence: known.sequence,
        ..Effects::default()
    };
    let answers = commits
        .iter()
        .map(|commit| {
            refuse(commit, known)?;
            take(commit, known, &mut effects);
            Ok(effects.sequence)
        })
        .collect();
    (answers, effects)
}

fn refuse(commit: &Commit, known: &Known) -> Result<(), StoreError> {
    for expect in &commit.expect {
        let (key, wanted) = match expect {
            Expect::Absent(key) => (key, None),
            Expect::Revision(key, revision) => (key, Some(*revision)),
        };
        if known.rows.get(key).map(|found| found.revision) != wanted {
            return Err(StoreError::Stale(format!("{} {}", key.kind, key.id)));
        }
    }
    let Some(record) = &commit.idempotency else {
        return Ok(());
    };
    match known.answers.get(&place(record)) {
        Some(expires) if *expires > commit.now => {
            Err(StoreError::Stale(format!("request token {}", record.token)))
        }
        _ => Ok(()),
    }
}

fn take<'a>(commit: &'a Commit, known: &mut Known, effects: &mut Effects<'a>) {
    for row in &commit.put {
        let before = known.rows.get(&row.key);
        let found = Found {
            revision: before.map_or(0, |found| found.revision) + 1,
            created: before.map_or(commit.now, |found| found.created),
        };
        known.rows.insert(row.key.clone(), found);
        let outcome = Outcome::Written {
            row,
            found,
            updated: commit.now,
        };
        effects.rows.insert(&row.key, outcome);
    }
    for key in &commit.delete {
        if known.rows.remove(key).is_some() {
            effects.rows.insert(key, Outcome::Deleted);
        }
    }
    for event in &commit.events {
        effects.sequence += 1;
        effects.events.push(Numbered {
            sequence: effects.sequence,
            at: commit.now,
            event,
        });
    }
    if let Some(record) = &commit.idempotency {
        known.answers.insert(place(record), record.expires);
        // A record that expired within this very batch gives way to its successor.
        effects.answers.retain(|kept| place(kept) != place(record));
        effects.answers.push(record);
    }
}

fn place(record: &Idempotency) -> (Workspace, String) {
    (record.workspace.clone(), record.token.clone())
}
