//! Removes environments that nobody asked for in a long time and no process runs in.

use super::{Environments, Stored, touch};
use crate::Error;
use domain::Span;
use std::collections::BTreeSet;
use std::fs;

impl Environments {
    /// Removes those unused for longer than `keep`; answers which. What a process of this machine
    /// was started from counts as used now.
    ///
    /// # Errors
    /// When the folders cannot be read. One that cannot be removed is left to the next time.
    pub fn prune(&self, keep: Span) -> Result<Vec<Stored>, Error> {
        let now = self.surroundings.now();
        let mut old = self.stored()?;
        old.retain(|one| now.since(one.used) > keep);
        if old.is_empty() {
            return Ok(old);
        }
        let running = programs();
        old.retain(|one| {
            let folder = self.folder(&one.hash);
            let prefix = format!("{}/", folder.display());
            let in_use = running.iter().any(|program| program.starts_with(&prefix));
            if in_use {
                touch(&folder, now);
            }
            !in_use && self.remove(&one.hash).is_ok()
        });
        Ok(old)
    }
}

/// By what names the programs of this machine were started.
fn programs() -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return BTreeSet::new();
    };
    let lines = entries
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let first = |line: Vec<u8>| {
        let program = line.split(|byte| *byte == 0).next()?;
        String::from_utf8(program.to_vec()).ok()
    };
    lines.filter_map(first).collect()
}
