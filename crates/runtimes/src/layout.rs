//! Where things lie in a ticket's folder.

use std::path::{Path, PathBuf};

/// The folder of one attempt of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// Of the ticket whose folder this is.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A word for this folder that no other folder of this machine has: tickets of two
    /// installations may have the same name.
    pub fn mark(&self) -> String {
        let real = std::fs::canonicalize(&self.folder);
        let path = real.unwrap_or_else(|_| self.folder.clone());
        let mut mark = crate::files::hash(path.as_os_str().as_encoded_bytes());
        mark.truncate(24);
        mark
    }

    /// What to run ([`crate::Launch`]).
    pub fn launch(&self) -> PathBuf {
        self.folder.join("launch.json")
    }

    /// Where it stands ([`crate::record::Status`]).
    pub fn status(&self) -> PathBuf {
        self.folder.join("status.json")
    }

    /// How it ended ([`crate::record::ExitRecord`]); the last file that is written.
    pub fn exit(&self) -> PathBuf {
        self.folder.join("exit.json")
    }

    /// What it left ([`crate::record::Collected`]); written before the exit.
    pub fn outputs(&self) -> PathBuf {
        self.folder.join("outputs.json")
    }

    /// Outputs that were packed ([`crate::launch::Packing`]), each in a folder of its own.
    pub fn archives(&self) -> PathBuf {
        self.folder.join("archives")
    }

    /// The segments of what it printed ([`crate::printed`]).
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Metrics that were found in what it printed, one JSON object a line.
    pub fn metrics(&self) -> PathBuf {
        self.folder.join("metrics.jsonl")
    }

    /// Exists once a stop was asked for.
    pub fn stop(&self) -> PathBuf {
        self.folder.join("stop")
    }

    /// Held by the living supervisor.
    pub fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// Room that is given back when the disk is full, so that the end can be recorded.
    pub fn reserve(&self) -> PathBuf {
        self.folder.join("reserve")
    }

    /// What the entering stage is to do ([`crate::supervisor::enter`]).
    pub fn entry(&self) -> PathBuf {
        self.folder.join("entry.json")
    }

    /// The folders of a gang's hosts, each with a layout of its own.
    pub fn hosts(&self) -> PathBuf {
        self.folder.join("hosts")
    }

    /// A host of a gang.
    pub fn host(&self, name: &str) -> Self {
        Self::new(self.hosts().join(name))
    }

    /// What user code of a gang sees as `/etc/hosts`.
    pub fn host_names(&self) -> PathBuf {
        self.folder.join("etc-hosts")
    }

    /// Checkpoints of an attempt that failed, out of the way of what is removed.
    pub fn checkpoints(&self) -> PathBuf {
        self.folder.join("checkpoints")
    }

    /// Why the entering stage could not start user code.
    pub fn refusal(&self) -> PathBuf {
        self.folder.join("refusal")
    }

    /// What user code sees as `/opt/ml`.
    pub fn base(&self) -> PathBuf {
        self.folder.join("ml")
    }

    /// Temporary files of user code.
    pub fn temporary(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    /// The code folder, which is the working directory.
    pub fn code(&self) -> PathBuf {
        self.base().join("code")
    }
}
