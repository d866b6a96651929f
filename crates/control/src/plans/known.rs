//! Plans of runs as this server read them: each is made once and never changed, is large, and is
//! asked for each job of its run.

use super::RunPlan;
use contracts::store::Key;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most plans that are kept.
const MOST: usize = 16;

/// The plans that one server knows.
#[derive(Debug, Default)]
pub struct KnownPlans(Mutex<BTreeMap<Key, Arc<RunPlan>>>);

impl KnownPlans {
    fn plans(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<RunPlan>>> {
        // Every change below is one call of the map, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<RunPlan>> {
        self.plans().get(key).cloned()
    }

    /// Keeps a plan, in the place of another when there are many.
    pub(super) fn put(&self, key: Key, plan: Arc<RunPlan>) {
        let mut plans = self.plans();
        if plans.len() >= MOST {
            plans.pop_first();
        }
        plans.insert(key, plan);
    }
}
