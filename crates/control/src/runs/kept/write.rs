//! The rows that a change of a run writes.

use super::change::Change;
use super::{Head, Kept, Rows, base_key, change_key};
use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::{Body, Key, NewRow};
use domain::Timestamp;
use domain::pipeline::Run;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Control {
    /// The rows of a run that is new, or was kept as one row.
    pub(crate) fn run_rows(&self, run: &Run, due: Option<Timestamp>) -> Result<Rows, Error> {
        let whole = run.row(due)?;
        if run.phase.is_over() || whole.body.text().len() <= self.pace.whole_run {
            let (put, delete, changes) = (vec![whole], Vec::new(), None);
            return Ok(Rows {
                put,
                delete,
                changes,
            });
        }
        let base = NewRow {
            key: base_key(&run.workspace, &run.id, run.resumed),
            parent: None,
            phase: String::new(),
            labels: BTreeMap::new(),
            due: None,
            body: whole.body.clone(),
        };
        Ok(Rows {
            put: vec![head_row(run, 0, due)?, base],
            delete: Vec::new(),
            changes: Some(0),
        })
    }

    /// The rows that make `after` of a run.
    pub(crate) fn changed_run_rows(
        &self,
        before: &Kept,
        after: &Run,
        due: Option<Timestamp>,
    ) -> Result<Rows, Error> {
        let Some(changes) = before.changes else {
            return self.run_rows(after, due);
        };
        if after.phase.is_over() {
            let (workspace, id, resumed) = (&after.workspace, &after.id, after.resumed);
            let parts = (1..=changes).map(|number| change_key(workspace, id, resumed, number));
            let parts = parts.chain([base_key(workspace, id, resumed)]);
            return Ok(Rows {
                put: vec![after.row(due)?],
                delete: parts.collect(),
                changes: None,
            });
        }
        let change = Change::between(&before.run, after);
        if change.is_empty() {
            return Ok(Rows {
                put: vec![head_row(after, changes, due)?],
                delete: Vec::new(),
                changes: Some(changes),
            });
        }
        let number = changes + 1;
        let key = change_key(&after.workspace, &after.id, after.resumed, number);
        let change = NewRow {
            parent: None,
            phase: String::new(),
            labels: BTreeMap::new(),
            due: None,
            body: body(&key, &change)?,
            key,
        };
        Ok(Rows {
            put: vec![head_row(after, number, due)?, change],
            delete: Vec::new(),
            changes: Some(number),
        })
    }

    /// Remembers a run as a commit left it.
    pub(crate) fn know_run(&self, run: Run, changes: Option<u32>) {
        match changes {
            Some(changes) => self.known_runs.put(run.key(), changes, Arc::new(run)),
            None => self.known_runs.forget(&run.key()),
        }
    }
}

impl Rows {
    /// How many changes are kept beside the run's row once these are written.
    pub(crate) fn changes(&self) -> Option<u32> {
        self.changes
    }
}

fn head_row(run: &Run, changes: u32, due: Option<Timestamp>) -> Result<NewRow, Error> {
    let key = run.key();
    Ok(NewRow {
        parent: run.parent(),
        phase: run.phase_word(),
        labels: run.labels(),
        due,
        body: body(&key, &Head::of(run, changes))?,
        key,
    })
}

fn body(key: &Key, value: &impl Serialize) -> Result<Body, Error> {
    Body::of(value).map_err(|source| Error::Unreadable {
        kind: key.kind.clone(),
        id: key.id.clone(),
        source,
    })
}
