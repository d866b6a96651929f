//! Putting a run together from its rows.

use super::change::Change;
use super::{BASE, CHANGE, Head, Kept, KnownRuns, base_key, change_key};
use crate::rows::{Stored, shared, unreadable};
use crate::{Control, Error};
use contracts::store::{Key, Query, Row, Store, StoreError};
use domain::pipeline::Run;
use domain::{Refusal, RunId, Workspace};
use std::sync::Arc;

/// How often a run is read again that somebody writes meanwhile.
const ATTEMPTS: u32 = 16;

/// Changes of one page.
const PAGE: u32 = 1_000;

impl Control {
    /// A run, if it exists.
    pub(crate) async fn find_run(
        &self,
        workspace: &Workspace,
        id: &RunId,
    ) -> Result<Option<Kept>, Error> {
        let key = Key::new(Run::KIND, workspace, id);
        for _ in 0..ATTEMPTS {
            let Some(row) = self.store.get(&key).await? else {
                return Ok(None);
            };
            if let Some(kept) = self.run_of(&row).await? {
                return Ok(Some(kept));
            }
        }
        Err(StoreError::Incompatible(format!(
            "the run `{id}` is kept in parts, and some of them are missing"
        ))
        .into())
    }

    /// A run, or a `NotFound`.
    pub(crate) async fn require_run(
        &self,
        workspace: &Workspace,
        id: &RunId,
    ) -> Result<Kept, Error> {
        let found = self.find_run(workspace, id).await?;
        found.ok_or_else(|| Refusal::not_found(Run::KIND, id).into())
    }

    /// The run of a row as it was when the row was read; `None` when it was written since, and its
    /// parts are others.
    pub(crate) async fn run_of(&self, row: &Row) -> Result<Option<Kept>, Error> {
        let revision = row.revision;
        let Some(head) = Head::in_row(row) else {
            let (run, changes) = (shared(row)?, None);
            return Ok(Some(Kept {
                run,
                revision,
                changes,
            }));
        };
        let Some(run) = self.reader().assemble(&row.row.key, &head).await? else {
            return Ok(None);
        };
        let changes = Some(head.changes);
        Ok(Some(Kept {
            run,
            revision,
            changes,
        }))
    }

    /// A run for those who only look at it, if it exists.
    pub async fn run_as_it_is(
        &self,
        workspace: &Workspace,
        id: &RunId,
    ) -> Result<Option<Arc<Run>>, Error> {
        Ok(self.find_run(workspace, id).await?.map(|kept| kept.run))
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            store: self.store.as_ref(),
            known: &self.known_runs,
        }
    }
}

/// The run of a row that was read from a store; `None` when it was written since.
pub async fn run_in(
    store: &dyn Store,
    known: &KnownRuns,
    row: &Row,
) -> Result<Option<Arc<Run>>, Error> {
    match Head::in_row(row) {
        None => Ok(Some(shared(row)?)),
        Some(head) => {
            let reader = Reader { store, known };
            reader.assemble(&row.row.key, &head).await
        }
    }
}

/// Where the parts of runs are.
#[derive(Clone, Copy)]
struct Reader<'a> {
    store: &'a dyn Store,
    known: &'a KnownRuns,
}

impl Reader<'_> {
    async fn assemble(&self, key: &Key, head: &Head) -> Result<Option<Arc<Run>>, Error> {
        let known = match self.known.get(key, head) {
            Some(known) => Some(known),
            None => self.base(head).await?.map(|run| (0, run)),
        };
        let Some((from, mut run)) = known else {
            return Ok(None);
        };
        if from < head.changes {
            let Some(changes) = self.changes_after(head, from).await? else {
                return Ok(None);
            };
            let run = Arc::make_mut(&mut run);
            for change in changes {
                change.make(run);
            }
        }
        if run.phase != head.phase {
            Arc::make_mut(&mut run).phase = head.phase;
        }
        self.known.put(key.clone(), head.changes, run.clone());
        Ok(Some(run))
    }

    async fn base(&self, head: &Head) -> Result<Option<Arc<Run>>, Error> {
        let key = base_key(&head.workspace, &head.id, head.resumed);
        let row = self.store.get(&key).await?;
        row.map(|row| {
            let run = row.row.body.read();
            run.map(Arc::new)
                .map_err(|source| unreadable(BASE, &row, source))
        })
        .transpose()
    }

    /// The changes after `from` that count; `None` when they are not all there any more.
    async fn changes_after(&self, head: &Head, from: u32) -> Result<Option<Vec<Change>>, Error> {
        let at = |number| change_key(&head.workspace, &head.id, head.resumed, number).id;
        let last = at(head.changes);
        let mut query = Query {
            kind: CHANGE.to_owned(),
            workspace: Some(head.workspace.clone()),
            prefix: Some(head.prefix()),
            after_id: Some(at(from)),
            limit: (head.changes - from).min(PAGE),
            ..Query::default()
        };
        let mut changes = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            for row in page.rows.iter().filter(|row| row.row.key.id <= last) {
                let change = row.row.body.read();
                changes.push(change.map_err(|source| unreadable(CHANGE, row, source))?);
            }
            query.after = page.next;
            if query.after.is_none() || changes.len() >= (head.changes - from) as usize {
                break;
            }
        }
        let all = changes.len() == (head.changes - from) as usize;
        Ok(all.then_some(changes))
    }
}
