//! What one activation of a run is about to commit, all of it at once.

use contracts::store::{Commit, Expect, Key, NewEvent, NewRow};
use domain::job::Job;
use std::collections::BTreeSet;

/// Rows, expectations and events that are committed together with the run.
#[derive(Default)]
pub(super) struct Draft {
    put: Vec<NewRow>,
    expect: Vec<Expect>,
    events: Vec<NewEvent>,
    taken: BTreeSet<Key>,
    placed: usize,
    tracked: Vec<Job>,
}

impl Draft {
    /// Whether a row of this address is drafted already; whoever needs it waits for the next
    /// round.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.taken.contains(key)
    }

    /// Adds a row that must be as it was read: at `revision`, or absent.
    pub(super) fn put(&mut self, row: NewRow, revision: Option<i64>) {
        let key = row.key.clone();
        self.expect.push(match revision {
            None => Expect::Absent(key.clone()),
            Some(revision) => Expect::Revision(key.clone(), revision),
        });
        self.taken.insert(key);
        self.put.push(row);
    }

    /// Adds a row whatever is there.
    pub(super) fn replace(&mut self, row: NewRow) {
        self.taken.insert(row.key.clone());
        self.put.push(row);
    }

    pub(super) fn event(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Remembers that a drafted job has a place.
    pub(super) fn place(&mut self, job: Job) {
        self.placed += 1;
        self.track(job);
    }

    /// How many drafted jobs have a place.
    pub(super) fn placed(&self) -> usize {
        self.placed
    }

    /// Remembers that a drafted job has, or has no more, a place or a turn.
    pub(super) fn track(&mut self, job: Job) {
        self.tracked.push(job);
    }

    /// The drafted jobs of which the hints are to know.
    pub(super) fn tracked(&self) -> &[Job] {
        &self.tracked
    }

    pub(super) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.events.is_empty()
    }

    /// The addresses of drafted rows that have something to do, to be woken after the commit.
    pub(super) fn keys(&self) -> Vec<Key> {
        let moving = self.put.iter().filter(|row| row.due.is_some());
        moving.map(|row| row.key.clone()).collect()
    }

    pub(super) fn into_commit(self) -> Commit {
        Commit {
            put: self.put,
            expect: self.expect,
            events: self.events,
            ..Commit::default()
        }
    }
}
