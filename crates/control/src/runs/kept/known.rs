//! Runs that go on as this server last read or wrote them, so that of their parts only those are
//! read that came since. What is kept of a run under the number of its last change never changes.

use super::Head;
use contracts::store::Key;
use domain::pipeline::Run;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most runs that are kept.
const MOST: usize = 64;

/// The runs of one server.
#[derive(Debug, Default)]
pub struct KnownRuns(Mutex<BTreeMap<Key, Known>>);

#[derive(Debug)]
struct Known {
    changes: u32,
    run: Arc<Run>,
}

impl KnownRuns {
    fn runs(&self) -> MutexGuard<'_, BTreeMap<Key, Known>> {
        // Every change below is one call of the map, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run with no more changes than its row has now, and how many it has.
    pub(super) fn get(&self, key: &Key, head: &Head) -> Option<(u32, Arc<Run>)> {
        let mut runs = self.runs();
        let known = runs.get(key)?;
        if known.run.resumed == head.resumed && known.changes <= head.changes {
            return Some((known.changes, Arc::clone(&known.run)));
        }
        runs.remove(key);
        None
    }

    /// Keeps a run, in the place of another when there are many.
    pub(super) fn put(&self, key: Key, changes: u32, run: Arc<Run>) {
        let mut runs = self.runs();
        if runs.len() >= MOST && !runs.contains_key(&key) {
            runs.pop_first();
        }
        runs.insert(key, Known { changes, run });
    }

    /// Forgets a run that is kept as one row.
    pub(super) fn forget(&self, key: &Key) {
        self.runs().remove(key);
    }
}
