//! Second names for the same bytes: a server-side copy costs no bytes where hard links work.

use super::Blobs;
use crate::error::Error;
use crate::record::Content;
use std::fs::{self, File};
use std::io;

impl Blobs {
    /// The same bytes under an id of their own; blocks. The wrapped data key of a sealed content
    /// is shared.
    pub(crate) fn duplicate(&self, content: &Content) -> Result<Content, Error> {
        let copy = Content {
            id: self.fresh_id(),
            ..content.clone()
        };
        if content.file().is_none() {
            return Ok(copy);
        }
        self.touch(Some(content))?;
        let (from, to) = (self.path(&content.id), self.path(&copy.id));
        let link = || -> io::Result<()> {
            if fs::hard_link(&from, &to).is_err() {
                // Too many links, or a file system without them.
                fs::copy(&from, &to)?;
                let file = File::open(&to)?;
                file.set_modified(self.now())?;
                file.sync_all()?;
            }
            super::sync_folder(to.parent().unwrap_or(&to))
        };
        link().map_err(|error| {
            let _ = fs::remove_file(&to);
            Error::io("cannot copy the bytes of an object", error)
        })?;
        Ok(copy)
    }
}
