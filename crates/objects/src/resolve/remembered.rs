//! Hashes of local files, remembered by what changes when a file is written: device, inode,
//! length, and the times of last modification and change.

use crate::checksum::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Most files that are remembered.
const MOST: usize = 200_000;
/// A file that was changed so recently may change again without any of its times moving.
const SETTLED: Duration = Duration::from_secs(2);

/// The state of a file: what a changed file cannot have in common with what it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[derive(Default)]
struct Memory {
    hashes: HashMap<State, String>,
    is_changed: bool,
}

/// Remembered hashes, kept in a file between starts.
pub(crate) struct HashCache {
    path: PathBuf,
    memory: Mutex<Memory>,
}

impl HashCache {
    /// Reads the file; a missing or damaged one is an empty cache.
    pub(crate) fn load(path: &Path) -> Self {
        let known: Vec<(State, String)> = fs::read(path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Self {
            path: path.to_owned(),
            memory: Mutex::new(Memory {
                hashes: known.into_iter().collect(),
                is_changed: false,
            }),
        }
    }

    /// The SHA-256 and length of a file; an error when it changes while it is read.
    pub(crate) fn sha256(&self, path: &Path, now: SystemTime) -> io::Result<(String, u64)> {
        let mut file = File::open(path)?;
        let before = file.metadata()?;
        let state = State::of(&before);
        let known = self.lock().hashes.get(&state).cloned();
        if let Some(sha256) = known {
            return Ok((sha256, state.bytes));
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => hash.update(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if State::of(&file.metadata()?) != state {
            return Err(io::Error::other(
                "it was changed while it was read; try again when nobody writes to it",
            ));
        }
        let sha256 = hex(&hash.finalize());
        let is_settled = before
            .modified()
            .ok()
            .and_then(|modified| now.duration_since(modified).ok())
            .is_some_and(|age| age > SETTLED);
        if is_settled {
            let mut memory = self.lock();
            if memory.hashes.len() >= MOST {
                memory.hashes.clear();
            }
            memory.hashes.insert(state.clone(), sha256.clone());
            memory.is_changed = true;
        }
        Ok((sha256, state.bytes))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the file when something was learned. A failure only costs time later.
    pub(crate) fn save(&self) {
        let mut memory = self.lock();
        if !memory.is_changed {
            return;
        }
        memory.is_changed = false;
        let known: Vec<_> = memory.hashes.iter().collect();
        let Ok(text) = serde_json::to_vec(&known) else {
            return;
        };
        let fresh = self.path.with_extension("new");
        let saved = fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &self.path));
        if let Err(error) = saved {
            tracing::debug!(path = %self.path.display(), %error, "hashes are not remembered");
        }
    }
}
