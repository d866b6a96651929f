//! What came of reading models, kept by the content of model and environment.
//!
//! Two files for each: `<key>.json` says what came of it, `<key>.form` is the form if there is one.
//! The form is written first and as a whole, so that whoever finds the one finds the other; a form
//! that was damaged since is refused by its checksum and the model is read again.

use super::Verdict;
use super::compare::Comparison;
use crate::spec::DeploymentSpec;
use bytes::Bytes;
use predictors::Predictor;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Most files of a model folder that are looked at.
const MOST_FILES: usize = 10_000;

/// The folder.
pub(super) struct Kept {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Record {
    Here(Comparison),
    InPython(String),
}

impl Kept {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The key of a deployment's model as its files are now; none when they cannot be listed.
    pub(super) async fn key(&self, deployment: &DeploymentSpec, version: &str) -> Option<String> {
        let folder = deployment.model_folder.clone();
        let mut digest = Sha256::new();
        for part in [
            version,
            &predictors::form::VERSION.to_string(),
            &deployment.revision,
            &deployment.interpreter.to_string_lossy(),
            &folder.to_string_lossy(),
        ] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
        let files = spawn_blocking(move || files(&folder)).await.ok()?.ok()?;
        digest.update(files.join("\n").as_bytes());
        let mut key = String::with_capacity(64);
        for byte in digest.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        Some(key)
    }

    pub(super) async fn find(&self, key: &str) -> Option<Verdict> {
        let (record, form) = (self.path(key, "json"), self.path(key, "form"));
        let read = move || {
            let record: Record = serde_json::from_slice(&fs::read(record).ok()?).ok()?;
            Some(match record {
                Record::InPython(reason) => Verdict::InPython(reason),
                Record::Here(comparison) => {
                    let predictor = Predictor::load(&fs::read(form).ok()?).ok()?;
                    Verdict::Here(Arc::new(predictor), comparison)
                }
            })
        };
        spawn_blocking(read).await.ok()?
    }

    pub(super) async fn keep(
        &self,
        key: &str,
        outcome: Result<(&Bytes, Comparison), &str>,
    ) -> io::Result<()> {
        let (record, form) = match outcome {
            Ok((form, comparison)) => (Record::Here(comparison), Some(form.clone())),
            Err(reason) => (Record::InPython(reason.to_owned()), None),
        };
        let folder = self.folder.clone();
        let (record_path, form_path) = (self.path(key, "json"), self.path(key, "form"));
        let write = move || {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
            if let Some(form) = form {
                replace(&form_path, &form)?;
            }
            replace(&record_path, &serde_json::to_vec(&record)?)
        };
        spawn_blocking(write).await.map_err(io::Error::other)?
    }

    fn path(&self, key: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{key}.{ending}"))
    }
}

/// Writes a file as a whole.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&draft, content)?;
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o600))?;
    fs::rename(&draft, path)
}

/// Every file below a folder with its size and the moment it was last written.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let facts = entry.metadata()?;
            if facts.is_dir() {
                folders.push(entry.path());
            } else {
                let (path, size) = (entry.path(), facts.len());
                let written = (facts.mtime(), facts.mtime_nsec(), facts.ino());
                found.push(format!("{} {size} {written:?}", path.display()));
            }
            if found.len() + folders.len() > MOST_FILES {
                return Err(io::Error::other("the model folder has too many files"));
            }
        }
    }
    found.sort();
    Ok(found)
}
