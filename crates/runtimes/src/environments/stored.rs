//! What is stored, for pruning.

use super::{Environments, manifest};
use crate::{Error, files};
use domain::{ByteSize, Timestamp};
use std::fs::{self, File};
use std::time::UNIX_EPOCH;

/// An environment on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name, as far as it names the folder.
    pub hash: String,
    /// Its Python.
    pub python: String,
    /// What is installed in it.
    pub requirements: Vec<String>,
    /// Its size when it was made. Files are shared with the cache of `uv` where the disk allows.
    pub size: ByteSize,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last asked for.
    pub used: Timestamp,
}

impl Environments {
    /// All that are complete, the longest unused first.
    pub fn stored(&self) -> Result<Vec<Stored>, Error> {
        let root = self.root();
        let Ok(entries) = fs::read_dir(&root) else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
            let Some(manifest) = manifest(&entry.path())? else {
                continue;
            };
            let used = fs::metadata(entry.path().join("environment.json"))
                .and_then(|metadata| metadata.modified())
                .ok()
                .and_then(|used| used.duration_since(UNIX_EPOCH).ok())
                .map_or(
                    manifest.created,
                    |since| Timestamp(since.as_millis() as i64),
                );
            all.push(Stored {
                hash: entry.file_name().to_string_lossy().into_owned(),
                python: manifest.python,
                requirements: manifest.requirements,
                size: ByteSize(manifest.bytes),
                created: manifest.created,
                used,
            });
        }
        all.sort_by_key(|stored| stored.used);
        Ok(all)
    }

    /// Removes one. A job that runs in it at that moment loses it, so only long unused ones should
    /// be removed.
    pub fn remove(&self, hash: &str) -> Result<(), Error> {
        let folder = files::join_inside(&self.root(), hash, "the environment")?;
        let lock = folder.with_extension("lock");
        let file = File::create(&lock).map_err(Error::file("create", &lock))?;
        file.lock().map_err(Error::file("lock", &folder))?;
        files::remove_folder(&folder)
    }
}
