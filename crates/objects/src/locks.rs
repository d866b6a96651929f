//! Turns for writers of one key.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use tokio::sync::{Mutex, MutexGuard};

/// Keys that share a turn are few among so many; a turn lasts until the commit is on the disk, and
/// whoever waits for another key's misses being written in one go with it.
const STRIPES: usize = 1_024;

/// Keeps writers of one key in this process from running into each other's commits.
pub(crate) struct Locks(Vec<Mutex<()>>);

impl Default for Locks {
    fn default() -> Self {
        Self((0..STRIPES).map(|_| Mutex::new(())).collect())
    }
}

impl Locks {
    /// Waits for the key's turn.
    pub(crate) async fn hold(&self, bucket: &str, key: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        (bucket, key).hash(&mut hasher);
        self.0[(hasher.finish() % self.0.len() as u64) as usize]
            .lock()
            .await
    }
}
