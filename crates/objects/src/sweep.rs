//! Removes files that no row names: what crashes left, and what deletions and overwrites left
//! behind.
//!
//! Files are listed first and rows are read afterwards. A file counts only when nobody touched it
//! for the grace; since every change touches a file before it takes it from one row to another,
//! a file that moved while rows were read shows a fresh time when it is looked at once more.

use crate::ObjectStore;
use crate::error::Error;
use crate::record::Content;
use crate::rows::{self, Stored};
use contracts::store::{Order, Query};
use domain::Span;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::task::spawn_blocking;

/// How long a file that nobody names stays.
const GRACE: Span = Span::hours(1);
/// How long a copy that was staged stays after it was last asked for.
const STAGED_GRACE: Span = Span::hours(24);

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Files that may go, by name.
type Candidates = HashMap<String, PathBuf>;

impl ObjectStore {
    /// One sweep over everything; to be run every hour or so. Costs a look at each file and,
    /// when there are old ones, one pass over all object rows.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        self.clear_closed_uploads().await?;
        let (folders, now) = (self.blobs.folders(), self.blobs.now());
        let (mut swept, mut candidates) = spawn_blocking(move || gather(&folders, now))
            .await
            .map_err(Error::task)?;
        for kind in [rows::VERSION, rows::OBJECT, rows::PART] {
            if candidates.is_empty() {
                return Ok(swept);
            }
            self.keep_named(kind, &mut candidates).await?;
        }
        let rest = spawn_blocking(move || {
            let mut rest = Swept::default();
            for path in candidates.values() {
                remove_old(path, now, GRACE, &mut rest);
            }
            rest
        });
        let rest = rest.await.map_err(Error::task)?;
        swept.files += rest.files;
        swept.bytes += rest.bytes;
        Ok(swept)
    }

    /// Takes out of the candidates what rows of that kind name.
    async fn keep_named(&self, kind: &str, candidates: &mut Candidates) -> Result<(), Error> {
        let mut after = None;
        loop {
            let query = Query {
                kind: kind.to_owned(),
                order: Order::Id,
                after,
                limit: 1_000,
                ..Query::default()
            };
            let page = self.rows.list(&query).await?;
            for row in page.rows {
                let named: Stored<Named> = rows::read(row)?;
                if let Some(content) = named.value.content {
                    candidates.remove(content.id.as_str());
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// What a row says of files.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    content: Option<Content>,
}

/// Removes old temporary and staged files at once; gathers old files that rows may name.
fn gather(folders: &[PathBuf], now: SystemTime) -> (Swept, Candidates) {
    let mut swept = Swept::default();
    let mut candidates = Candidates::new();
    for folder in folders {
        let name = folder.file_name().and_then(|name| name.to_str());
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            match name {
                Some("tmp") if is_being_written(&path) => {}
                Some("tmp") => remove_old(&path, now, GRACE, &mut swept),
                Some("staged") => remove_old(&path, now, STAGED_GRACE, &mut swept),
                _ => {
                    if is_old(&path, now, GRACE).is_some()
                        && let Some(id) = entry.file_name().to_str()
                    {
                        candidates.insert(id.to_owned(), path);
                    }
                }
            }
        }
    }
    (swept, candidates)
}

/// Whether a living process holds the file.
fn is_being_written(path: &Path) -> bool {
    let tried = fs::File::open(path).map(|file| file.try_lock());
    matches!(tried, Ok(Err(fs::TryLockError::WouldBlock)))
}

/// The file's length when nobody touched it for the grace.
fn is_old(path: &Path, now: SystemTime, grace: Span) -> Option<u64> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let modified = metadata.modified().ok()?;
    let age = now.duration_since(modified).unwrap_or(Duration::ZERO);
    (age >= grace.to_std()).then_some(metadata.len())
}

fn remove_old(path: &Path, now: SystemTime, grace: Span, swept: &mut Swept) {
    let Some(bytes) = is_old(path, now, grace) else {
        return;
    };
    match fs::remove_file(path) {
        Ok(()) => {
            swept.files += 1;
            swept.bytes += bytes;
        }
        Err(error) => tracing::warn!(path = %path.display(), %error, "garbage cannot be removed"),
    }
}
