//! From a location in a workload to the files that a job reads, with a hash of their names and
//! contents that the step cache is keyed by.
//!
//! | location | files |
//! |---|---|
//! | an object's exact key | that object, under the last part of its key |
//! | a prefix that is a folder (`data/` or `data`) | every object below it, relative to it |
//! | any other prefix (`data/part-`), as SageMaker's `S3Prefix` | every key that begins so, relative to the last `/` |
//! | a manifest, where the input says that it is one | the objects that it lists, by their paths in it |
//! | a local file | that file, under its name |
//! | a local folder | every file below it; links are followed while they stay inside |
//! | what a package brings | none here; whoever has the environment finds them |

mod digest;
mod local;
mod manifest;
mod object;
mod records;
mod remembered;
mod stager;

pub(crate) use remembered::HashCache;
pub use stager::JobStager;

use crate::ObjectStore;
use crate::error::Error;
use contracts::backend::StagedFile;
use domain::{Location, Workspace};
use std::path::Path;
use tokio::task::spawn_blocking;

/// What a location holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Staged {
    /// The files by path.
    pub files: Vec<StagedFile>,
    /// SHA-256 over names and contents, in hexadecimal; equal for equal files, be they objects or
    /// local ones.
    pub content_hash: String,
    /// Length of all files, in bytes.
    pub bytes: u64,
}

/// How much one location may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagingLimits {
    /// Most files.
    pub files: usize,
    /// Most bytes together.
    pub bytes: u64,
    /// Most folders inside each other.
    pub depth: usize,
}

impl Default for StagingLimits {
    fn default() -> Self {
        Self {
            files: 1_000_000,
            bytes: 16 << 40,
            depth: 100,
        }
    }
}

/// A file with the SHA-256 of its contents.
#[derive(Debug, Clone)]
struct Found {
    file: StagedFile,
    sha256: String,
}

/// The files of a location. A relative path is relative to `base_dir`.
pub async fn resolve(
    store: &ObjectStore,
    workspace: &Workspace,
    location: &Location,
    base_dir: &Path,
) -> Result<Staged, Error> {
    resolve_within(
        store,
        workspace,
        location,
        base_dir,
        StagingLimits::default(),
    )
    .await
}

/// As [`resolve`], with limits of the caller's own.
pub async fn resolve_within(
    store: &ObjectStore,
    workspace: &Workspace,
    location: &Location,
    base_dir: &Path,
    limits: StagingLimits,
) -> Result<Staged, Error> {
    let mut found = match location {
        // It is in the job's environment, which may not exist yet: it is staged where that is.
        Location::Package { .. } => {
            return Ok(Staged {
                content_hash: digest::of_text(&location.to_string()),
                ..Staged::default()
            });
        }
        Location::Object { bucket, key } => {
            object::find(store, workspace, bucket, key, limits).await?
        }
        Location::Path { path } => {
            let (root, cache) = (base_dir.join(path), store.hashes.clone());
            let now = store.blobs.now();
            spawn_blocking(move || local::find(&root, limits, &cache, now))
                .await
                .map_err(Error::task)??
        }
    };
    found.sort_by(|left, right| left.file.path.cmp(&right.file.path));
    digest::check_tree(location, &found)?;
    Ok(Staged {
        content_hash: digest::of(&found),
        bytes: found.iter().map(|found| found.file.bytes).sum(),
        files: found.into_iter().map(|found| found.file).collect(),
    })
}

/// Counts files and bytes against the limits.
struct Counter {
    location: String,
    limits: StagingLimits,
    files: usize,
    bytes: u64,
}

impl Counter {
    fn new(location: String, limits: StagingLimits) -> Self {
        Self {
            location,
            limits,
            files: 0,
            bytes: 0,
        }
    }

    fn add(&mut self, bytes: u64) -> Result<(), Error> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        let (most_files, most_bytes) = (self.limits.files, self.limits.bytes);
        if self.files > most_files {
            return Err(self.fail(format!(
                "it has more than {most_files} files; name a smaller folder or prefix"
            )));
        }
        if self.bytes > most_bytes {
            return Err(self.fail(format!(
                "it has more than {most_bytes} bytes; name a smaller folder or prefix"
            )));
        }
        Ok(())
    }

    fn fail(&self, reason: impl Into<String>) -> Error {
        Error::Unstageable {
            location: self.location.clone(),
            reason: reason.into(),
        }
    }
}
