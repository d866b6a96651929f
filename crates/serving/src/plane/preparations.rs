//! What is being made ready before it can be applied, one generation for each endpoint.

use crate::spec::EndpointKey;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// An environment that could not be made is tried again, when asked, after this time.
const AGAIN: Duration = Duration::from_secs(30);

/// What is being made ready before it can be applied.
#[derive(Default)]
pub(super) struct Preparations {
    all: Mutex<BTreeMap<EndpointKey, Preparation>>,
    pub(super) changed: watch::Sender<u64>,
}

pub(super) struct Preparation {
    pub(super) generation: u64,
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    Preparing(String),
    Failed(String, Instant),
    Applied,
}

impl Preparations {
    /// True when this generation shall be prepared now.
    pub(super) fn begin(&self, key: &EndpointKey, generation: u64) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(present) = all.get(key) {
            let again = match &present.stage {
                Stage::Failed(_, at) => at.elapsed() >= AGAIN,
                Stage::Preparing(_) | Stage::Applied => false,
            };
            if present.generation > generation || present.generation == generation && !again {
                return false;
            }
        }
        let stage = Stage::Preparing("preparing".to_owned());
        all.insert(key.clone(), Preparation { generation, stage });
        drop(all);
        self.changed.send_modify(|count| *count += 1);
        true
    }

    /// Moves a preparation on; false when a newer one or a removal took its place.
    pub(super) fn advance(&self, key: &EndpointKey, generation: u64, stage: Stage) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(present) = all
            .get_mut(key)
            .filter(|present| present.generation == generation)
        else {
            return false;
        };
        present.stage = stage;
        drop(all);
        self.changed.send_modify(|count| *count += 1);
        true
    }

    pub(super) fn forget(&self, key: &EndpointKey) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
        self.changed.send_modify(|count| *count += 1);
    }

    /// All of them, locked.
    pub(super) fn all(&self) -> MutexGuard<'_, BTreeMap<EndpointKey, Preparation>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
