//! The ledger: a folder of segments and a manifest that says which of them count. Whoever changes it
//! holds the lock, writes new segments beside the old ones, and replaces the manifest in one rename;
//! whoever reads sees one manifest and nothing of a change that is under way.

mod compact;
mod days;
mod manifest;
mod snapshot;

pub use days::Days;
pub use manifest::{Delivery, Manifest, Part, Standing, Sums};
pub(crate) use snapshot::Snapshot;

use crate::Error;
use domain::Timestamp;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another change is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A ledger's folder.
#[derive(Debug, Clone)]
pub struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    /// Opens the ledger in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made or its manifest is damaged.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        for part in ["segments", "quarantine"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).map_err(Error::io(&path))?;
        }
        let ledger = Self {
            folder: folder.to_owned(),
        };
        ledger.manifest()?;
        Ok(ledger)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it holds now.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn manifest(&self) -> Result<Manifest, Error> {
        let path = self.folder.join("manifest.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::damaged(&path, error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }

    pub(crate) fn segment_path(&self, file: &str) -> PathBuf {
        self.folder.join("segments").join(file)
    }

    /// The segments that count now, opened.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Error> {
        Snapshot::take(self)
    }

    /// Takes the right to change the ledger; what another process does with it mostly takes
    /// milliseconds, and so long it is waited for.
    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        let path = self.folder.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(Error::io(&path))?;
        let given_up = Instant::now() + LOCK_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { file }),
                Err(TryLockError::WouldBlock) if Instant::now() < given_up => {
                    std::thread::sleep(LOCK_PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Busy {
                        path: self.folder.clone(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(Error::io(&path)(error)),
            }
        }
    }

    /// Replaces the manifest and removes segments that neither it nor the one before names.
    pub(crate) fn commit(&self, _lock: &Lock, next: &Manifest) -> Result<(), Error> {
        let before = self.manifest()?;
        let bytes =
            serde_json::to_vec_pretty(next).map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder.join("manifest.json"), &bytes)?;
        let named = |file: &str| {
            let mut parts = before.parts.iter().chain(&next.parts);
            parts.any(|part| part.file == file)
        };
        let segments = self.folder.join("segments");
        let entries = fs::read_dir(&segments).map_err(Error::io(&segments))?;
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(|name| !named(name)) {
                let path = entry.path();
                fs::remove_file(&path).map_err(Error::io(&path))?;
            }
        }
        Ok(())
    }
}

/// A name for a new segment that no other one has.
pub(crate) fn fresh_name(month: Timestamp, manifest: &Manifest, n: usize) -> String {
    let month = crate::instant::month(month);
    format!("{month}-{:06}-{n:04}.segment", manifest.generation + 1)
}

/// The right to change a ledger; released when dropped.
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would leave it with a process that another thread starts at this moment.
        let _ = self.file.unlock();
    }
}

/// Writes a file beside, brings it to the disk, and puts it in the place of the old one.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(Error::io(path))
}
