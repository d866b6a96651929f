//! Paths under which jobs can read objects as files.

use super::Blobs;
use super::write::Scrap;
use crate::error::Error;
use crate::record::Object;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::PoisonError;

/// Bounds the memory of known whole files.
const MOST_KNOWN: usize = 100_000;

impl Blobs {
    /// A file with the object's plain bytes; blocks. A plain file is the stored one itself,
    /// checked once by each process; others are written to a private copy.
    pub(crate) fn plain_file(&self, object: &Object) -> Result<PathBuf, Error> {
        let source = self.source(object, None)?;
        let Some(content) = &object.content else {
            return Err(Error::no_such_object(&object.bucket, &object.key));
        };
        if content.inline.is_some() || content.sealed.is_some() {
            return self.staged_copy(object, &content.id, &source);
        }
        let mut known = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(&content.id) {
            drop(known);
            source.each(|_| Ok(()))?;
            known = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_KNOWN {
                known.clear();
            }
            known.insert(content.id.clone());
        }
        Ok(self.path(&content.id))
    }

    fn staged_copy(
        &self,
        object: &Object,
        id: &str,
        source: &super::read::Source,
    ) -> Result<PathBuf, Error> {
        let failed = |error| Error::io("cannot stage an object as a file", error);
        let path = self.root.join("staged").join(id);
        if let Ok(file) = File::open(&path)
            && file.metadata().is_ok_and(|m| m.len() == object.bytes)
        {
            file.set_modified(self.now()).map_err(failed)?;
            // The sweep may have removed the name between opening and touching.
            if path.exists() {
                return Ok(path);
            }
        }
        let scrap = Scrap(self.temporary(&format!("{}.staged", self.fresh_id())));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(&scrap.0)
            .map_err(failed)?;
        source.each(|bytes| file.write_all(bytes).map_err(failed))?;
        file.set_modified(self.now()).map_err(failed)?;
        fs::rename(&scrap.0, &path).map_err(failed)?;
        Ok(path)
    }
}
