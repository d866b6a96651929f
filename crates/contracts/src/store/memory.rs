//! The in-memory reference of [`Store`]: the plainest reading of the trait, for tests and
//! simulations. It shares no code with the databases beyond the rules of requests and the form
//! of page tokens, so that comparing them means something.

use super::cursor::Cursor;
use super::{
    Claim, Commit, Expect, Idempotency, Key, NewRow, Order, Page, Query, Row, Store, StoreError,
    check,
};
use domain::audit::Event;
use domain::{Timestamp, Workspace};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Keeps everything in this process; gone with it.
#[derive(Debug)]
pub struct Memory {
    state: Mutex<State>,
    sequence: watch::Sender<i64>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Key, Entry>,
    events: Vec<Event>,
    answers: HashMap<(Workspace, String), Idempotency>,
}

#[derive(Debug, Clone)]
struct Entry {
    row: Row,
    lease: Option<Lease>,
}

#[derive(Debug, Clone)]
struct Lease {
    owner: String,
    until: Timestamp,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            sequence: watch::Sender::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of a test while it held the lock leaves nothing half-written: every change is
        // checked first and then made without anything that can fail.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn sequence(&self) -> i64 {
        self.events.last().map_or(0, |event| event.sequence)
    }

    fn unmet(&self, expect: &Expect) -> Option<StoreError> {
        let (key, wanted) = match expect {
            Expect::Absent(key) => (key, None),
            Expect::Revision(key, revision) => (key, Some(*revision)),
        };
        let found = self.rows.get(key).map(|entry| entry.row.revision);
        (found != wanted).then(|| StoreError::Stale(format!("{} {}", key.kind, key.id)))
    }

    fn put(&mut self, row: NewRow, now: Timestamp) {
        let before = self.rows.get(&row.key).map(|entry| &entry.row);
        let written = Row {
            revision: before.map_or(0, |row| row.revision) + 1,
            created: before.map_or(now, |row| row.created),
            updated: now,
            row,
        };
        let key = written.row.key.clone();
        let entry = Entry {
            row: written,
            lease: None,
        };
        self.rows.insert(key, entry);
    }

    fn claimable(&self, claim: &Claim) -> Vec<Key> {
        let mut found: Vec<(Option<Timestamp>, Key)> = self
            .rows
            .iter()
            .filter(|(key, _)| claim.kinds.is_empty() || claim.kinds.contains(&key.kind))
            .filter(|(_, entry)| {
                let living = |lease: &Lease| lease.until > claim.now;
                !entry.lease.as_ref().is_some_and(living)
            })
            .filter(|(key, entry)| {
                let due = entry.row.row.due.is_some_and(|due| due <= claim.now);
                due && claim.ids.is_empty() || claim.ids.contains(key)
            })
            .map(|(key, entry)| (entry.row.row.due, key.clone()))
            .collect();
        found.sort_by_key(|(due, key)| (due.unwrap_or(Timestamp(i64::MAX)), key.clone()));
        found.truncate(claim.limit as usize);
        found.into_iter().map(|(_, key)| key).collect()
    }
}

fn matches(query: &Query, row: &NewRow) -> bool {
    let key = &row.key;
    key.kind == query.kind
        && query
            .workspace
            .as_ref()
            .is_none_or(|workspace| *workspace == key.workspace)
        && (query.parent.is_none() || query.parent == row.parent)
        && (query.phases.is_empty() || query.phases.contains(&row.phase))
        && query
            .labels
            .iter()
            .all(|(name, value)| row.labels.get(name) == Some(value))
        && query
            .prefix
            .as_ref()
            .is_none_or(|prefix| key.id.starts_with(prefix.as_str()))
        && (query.order != Order::Id || query.after_id.as_ref().is_none_or(|after| key.id > *after))
}

fn follows(order: Order, cursor: &Cursor, row: &Row) -> bool {
    let key = &row.row.key;
    let here = (&key.id, key.workspace.as_str());
    let there = (&cursor.id, cursor.workspace.as_str());
    match order {
        Order::Id => here > there,
        Order::Newest => (row.created, here) < (cursor.created, there),
    }
}

fn sort(order: Order, rows: &mut [&Row]) {
    rows.sort_by(|a, b| {
        let place = |row: &Row| (row.row.key.id.clone(), row.row.key.workspace.clone());
        match order {
            Order::Id => place(a).cmp(&place(b)),
            Order::Newest => (b.created, place(b)).cmp(&(a.created, place(a))),
        }
    });
}

#[async_trait::async_trait]
impl Store for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        Ok(self.state().rows.get(key).map(|entry| entry.row.clone()))
    }

    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        check::query(query)?;
        let cursor = Cursor::of(query)?;
        let limit = match query.limit {
            0 => check::USUAL_PAGE as usize,
            limit => limit as usize,
        };
        let state = self.state();
        let mut rows: Vec<&Row> = state
            .rows
            .values()
            .map(|entry| &entry.row)
            .filter(|row| matches(query, &row.row))
            .filter(|row| {
                cursor
                    .as_ref()
                    .is_none_or(|at| follows(query.order, at, row))
            })
            .collect();
        sort(query.order, &mut rows);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more);
        Ok(Page {
            next: next.map(|last| Cursor::token(query.order, last)),
            rows: rows.into_iter().cloned().collect(),
        })
    }

    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        check::commit(&commit)?;
        let mut state = self.state();
        if let Some(stale) = commit.expect.iter().find_map(|expect| state.unmet(expect)) {
            return Err(stale);
        }
        if let Some(record) = commit.idempotency {
            let token = (record.workspace.clone(), record.token.clone());
            if state
                .answers
                .get(&token)
                .is_some_and(|kept| kept.expires > commit.now)
            {
                return Err(StoreError::Stale(format!("request token {}", record.token)));
            }
            state.answers.insert(token, record);
        }
        for row in commit.put {
            state.put(row, commit.now);
        }
        for key in &commit.delete {
            state.rows.remove(key);
        }
        for event in commit.events {
            let sequence = state.sequence() + 1;
            state.events.push(Event {
                sequence,
                workspace: event.key.workspace,
                resource: event.key.kind,
                id: event.key.id,
                action: event.action,
                actor: event.actor,
                at: commit.now,
                detail: event.detail,
            });
        }
        let sequence = state.sequence();
        self.sequence.send_replace(sequence);
        Ok(sequence)
    }

    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        check::claim(claim)?;
        let mut state = self.state();
        let mut rows = Vec::new();
        for key in state.claimable(claim) {
            if let Some(entry) = state.rows.get_mut(&key) {
                entry.lease = Some(Lease {
                    owner: claim.owner.clone(),
                    until: claim.now + claim.lease,
                });
                rows.push(entry.row.clone());
            }
        }
        Ok(rows)
    }

    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        if let Some(entry) = self.state().rows.get_mut(key)
            && entry
                .lease
                .as_ref()
                .is_some_and(|lease| lease.owner == owner)
        {
            entry.lease = None;
            entry.row.row.due = due;
        }
        Ok(())
    }

    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let state = self.state();
        let start = state
            .events
            .partition_point(|event| event.sequence <= after);
        Ok(state.events[start..]
            .iter()
            .take(limit as usize)
            .cloned()
            .collect())
    }

    async fn newest_change(&self) -> Result<i64, StoreError> {
        Ok(self.state().sequence())
    }

    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        let place = (workspace.clone(), token.to_owned());
        let kept = self.state().answers.get(&place).cloned();
        Ok(kept.filter(|record| record.expires > now))
    }

    async fn changed_since(&self, sequence: i64) {
        // The sender lives as long as `self`, so waiting cannot end in an error.
        let _ = self
            .sequence
            .subscribe()
            .wait_for(|now| *now > sequence)
            .await;
    }
}
