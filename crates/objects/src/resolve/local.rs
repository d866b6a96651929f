//! Local files and folders.

use super::{Counter, Found, HashCache, StagingLimits};
use crate::error::Error;
use contracts::backend::StagedFile;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The files at a path; blocks. Contents are hashed unless the cache knows them.
pub(super) fn find(
    root: &Path,
    limits: StagingLimits,
    cache: &HashCache,
    now: SystemTime,
) -> Result<Vec<Found>, Error> {
    let shown = root.display().to_string();
    let mut walk = Walk {
        counter: Counter::new(shown, limits),
        cache,
        now,
        root: PathBuf::new(),
        found: Vec::new(),
    };
    walk.root = fs::canonicalize(root).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => walk.counter.fail("there is no such file or folder"),
        _ => walk.counter.fail(error.to_string()),
    })?;
    let root = walk.root.clone();
    let metadata = fs::metadata(&root).map_err(|error| walk.counter.fail(error.to_string()))?;
    if metadata.is_dir() {
        walk.folder(&root, "", &mut vec![root.clone()])?;
        if walk.found.is_empty() {
            return Err(walk.counter.fail("the folder has no files"));
        }
    } else {
        let name = root.file_name().unwrap_or_default();
        let name = walk.text(name)?;
        walk.file(&root, name)?;
    }
    cache.save();
    Ok(walk.found)
}

struct Walk<'a> {
    counter: Counter,
    cache: &'a HashCache,
    now: SystemTime,
    root: PathBuf,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn text(&self, name: &std::ffi::OsStr) -> Result<String, Error> {
        name.to_str().map(str::to_owned).ok_or_else(|| {
            self.counter.fail(format!(
                "the name `{}` is not UTF-8; rename it",
                name.to_string_lossy()
            ))
        })
    }

    /// Walks one folder; `inside` are the real folders that it is in, so that links cannot lead
    /// round in circles.
    fn folder(
        &mut self,
        folder: &Path,
        relative: &str,
        inside: &mut Vec<PathBuf>,
    ) -> Result<(), Error> {
        if inside.len() > self.counter.limits.depth {
            return Err(self.counter.fail(format!("`{relative}` is too deep")));
        }
        let unreadable = |walk: &Self, error: std::io::Error| {
            walk.counter
                .fail(format!("`{}`: {error}", folder.display()))
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(self, error))? {
            let entry = entry.map_err(|error| unreadable(self, error))?;
            names.push(self.text(&entry.file_name())?);
        }
        names.sort_unstable();
        for name in names {
            let path = if relative.is_empty() {
                name.clone()
            } else {
                format!("{relative}/{name}")
            };
            self.entry(&folder.join(&name), path, inside)?;
        }
        Ok(())
    }

    fn entry(&mut self, at: &Path, path: String, inside: &mut Vec<PathBuf>) -> Result<(), Error> {
        let broken =
            |walk: &Self, error: std::io::Error| walk.counter.fail(format!("`{path}`: {error}"));
        let mut real = at.to_owned();
        let mut metadata = fs::symlink_metadata(at).map_err(|error| broken(self, error))?;
        if metadata.is_symlink() {
            real = fs::canonicalize(at).map_err(|error| broken(self, error))?;
            if !real.starts_with(&self.root) {
                return Err(self.counter.fail(format!(
                    "the link `{path}` leads outside, to `{}`; copy what it points to",
                    real.display()
                )));
            }
            metadata = fs::metadata(&real).map_err(|error| broken(self, error))?;
        }
        if metadata.is_dir() {
            if inside.contains(&real) {
                return Err(self
                    .counter
                    .fail(format!("the link `{path}` leads in a circle")));
            }
            inside.push(real.clone());
            let walked = self.folder(&real, &path, inside);
            inside.pop();
            return walked;
        }
        self.file(&real, path)
    }

    fn file(&mut self, real: &Path, path: String) -> Result<(), Error> {
        let failed =
            |walk: &Self, text: &str| walk.counter.fail(format!("`{}`: {text}", real.display()));
        let metadata =
            fs::symlink_metadata(real).map_err(|error| failed(self, &error.to_string()))?;
        if !metadata.is_file() {
            return Err(failed(self, "it is neither a file nor a folder"));
        }
        self.counter.add(metadata.len())?;
        let (sha256, bytes) = self
            .cache
            .sha256(real, self.now)
            .map_err(|error| failed(self, &error.to_string()))?;
        self.found.push(Found {
            file: StagedFile {
                path,
                source: real.to_owned(),
                bytes,
            },
            sha256,
        });
        Ok(())
    }
}
