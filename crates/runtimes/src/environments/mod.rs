//! Makes what user code runs in: virtual environments that are named by what is in them, made
//! once, shared by all jobs of this machine, and found again in microseconds.
//!
//! An environment is made in its final folder and not in a temporary one, because the programs in
//! it carry that path; the manifest that makes it valid is written last, under a lock that all
//! processes of the machine respect, so a crash leaves only a folder that the next one clears.

mod build;
mod command;
mod frameworks;
mod interpreters;
mod prune;
mod requirements;
mod stored;
mod uv;
mod wish;

pub use frameworks::{Bound, Framework, frameworks};
pub use interpreters::{Interpreter, Version};
pub use stored::Stored;

use crate::{Error, Surroundings, files};
use domain::Timestamp;
use domain::environment::Environment;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use wish::Wish;

/// Changes when environments are made differently, so that old ones are not taken for new ones.
const FORMAT: &str = "tradewind-environment-2";

/// Hexadecimal digits of the hash that name an environment: 128 bits.
const NAME_LENGTH: usize = 32;

/// All environments below one data folder.
#[derive(Debug, Clone)]
pub struct Environments {
    data: PathBuf,
    surroundings: Surroundings,
    /// Put before each command that is run, see [`Environments::through`].
    prefix: Vec<OsString>,
}

/// An environment that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its folder.
    pub folder: PathBuf,
    /// Its interpreter.
    pub python: PathBuf,
    /// Its name: a hash of what is in it.
    pub hash: String,
    /// What is not as it was asked for.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// The folder that its packages are installed in.
    pub fn packages(&self) -> Option<PathBuf> {
        let versions = fs::read_dir(self.folder.join("lib")).ok()?;
        let mut folders = versions
            .flatten()
            .map(|version| version.path().join("site-packages"));
        folders.find(|folder| folder.is_dir())
    }
}

/// What an environment's folder says of itself (`environment.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) python: String,
    pub(crate) requirements: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) bytes: u64,
}

impl Environments {
    /// Those below `data`, with tools found by `surroundings`.
    pub fn new(data: impl Into<PathBuf>, surroundings: Surroundings) -> Self {
        Self {
            data: data.into(),
            surroundings,
            prefix: Vec::new(),
        }
    }

    /// Runs each tool through another program, which a supervisor needs: it blocks signals that
    /// its children must not find blocked.
    pub fn through(self, prefix: Vec<OsString>) -> Self {
        Self { prefix, ..self }
    }

    /// The environment, made when it is not there yet. `further` requirements come on top.
    /// `progress` hears a line for each step and what the tools print.
    ///
    /// # Errors
    /// Whatever keeps it from being made, with the resolver's own reason.
    pub fn prepare(
        &self,
        environment: &Environment,
        further: &[String],
        progress: &mut dyn FnMut(&str),
    ) -> Result<Prepared, Error> {
        let wish = Wish::of(environment, further)?;
        let (interpreter, mut warnings) = self.interpreter(&wish)?;
        let mut hash = wish.hash(&interpreter);
        hash.truncate(NAME_LENGTH);
        let folder = self.folder(&hash);
        let manifest = match manifest(&folder)? {
            Some(manifest) => manifest,
            None => self.make(&wish, &interpreter, &folder, progress)?,
        };
        touch(&folder, self.surroundings.now());
        warnings.extend(manifest.warnings);
        Ok(Prepared {
            python: folder.join("bin/python"),
            folder,
            hash,
            warnings,
        })
    }

    /// The environment if it is there already; nothing is made or marked as used.
    ///
    /// # Errors
    /// What is wrong with the wish, or with the machine's interpreters.
    pub fn find(&self, environment: &Environment) -> Result<Option<Prepared>, Error> {
        let wish = Wish::of(environment, &[])?;
        let (interpreter, warnings) = self.interpreter(&wish)?;
        let mut hash = wish.hash(&interpreter);
        hash.truncate(NAME_LENGTH);
        let folder = self.folder(&hash);
        Ok(manifest(&folder)?.map(|_| Prepared {
            python: folder.join("bin/python"),
            folder,
            hash,
            warnings,
        }))
    }

    fn make(
        &self,
        wish: &Wish,
        interpreter: &Interpreter,
        folder: &Path,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Manifest, Error> {
        files::create_folder(&self.root())?;
        let lock = folder.with_extension("lock");
        let lock = File::create(&lock).map_err(Error::file("create", &lock))?;
        lock.lock().map_err(Error::file("lock", folder))?;
        if let Some(manifest) = manifest(folder)? {
            return Ok(manifest);
        }
        files::remove_folder(folder)?;
        let manifest = build::build(self, wish, interpreter, folder, progress);
        match manifest {
            Ok(manifest) => {
                files::write_record(&folder.join("environment.json"), &manifest)?;
                Ok(manifest)
            }
            Err(error) => {
                files::remove_folder(folder)?;
                Err(error)
            }
        }
    }

    fn root(&self) -> PathBuf {
        self.data.join("environments")
    }

    fn tools(&self) -> PathBuf {
        self.data.join("tools")
    }

    fn folder(&self, hash: &str) -> PathBuf {
        self.root().join(hash)
    }
}

/// The folder's manifest carries the last use as its time of change.
fn touch(folder: &Path, now: Timestamp) {
    let since = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    if let Ok(file) = fs::OpenOptions::new()
        .append(true)
        .open(folder.join("environment.json"))
    {
        let _ = file.set_modified(UNIX_EPOCH + since);
    }
}

/// The manifest of a complete environment.
fn manifest(folder: &Path) -> Result<Option<Manifest>, Error> {
    // A damaged manifest means an environment that is not there: it is made again.
    match files::read_record(&folder.join("environment.json")) {
        Err(Error::Record { .. }) => Ok(None),
        other => other,
    }
}
