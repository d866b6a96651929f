//! How much an archive may hold before it is refused.

use std::cell::Cell;
use std::rc::Rc;

use crate::error::{Breach, Error};

/// Bytes that come out before the ratio is looked at: short files compress arbitrarily well.
const RATIO_GRACE: u64 = 4 << 20;

/// What an archive may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of content, all files together.
    pub bytes: u64,
    /// Entries: files, folders (implied ones too) and links together.
    pub files: u64,
    /// Bytes of one entry's whole name.
    pub name_length: usize,
    /// Bytes out per byte in, looked at after the first four mebibytes. Deflate cannot exceed
    /// about 1032 (<https://zlib.net/zlib_tech.html>).
    pub ratio: u64,
}

impl Default for Limits {
    /// Room for large models: 64 GiB, a million entries, names of 1,024 bytes, ratio 500.
    fn default() -> Self {
        Self {
            bytes: 64 << 30,
            files: 1_000_000,
            name_length: 1024,
            ratio: 500,
        }
    }
}

/// Counts what an archive has used of its [`Limits`].
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    /// Compressed bytes read so far; shared with the reader that counts them.
    pub(crate) consumed: Rc<Cell<u64>>,
    produced: u64,
    content: u64,
    entries: u64,
}

impl Budget {
    pub(crate) fn new(limits: Limits, consumed: Rc<Cell<u64>>) -> Self {
        Self {
            limits,
            consumed,
            produced: 0,
            content: 0,
            entries: 0,
        }
    }

    pub(crate) fn content_so_far(&self) -> u64 {
        self.content
    }

    /// One more file, folder or link.
    pub(crate) fn entry(&mut self, name: &str) -> Result<(), Error> {
        self.entries += 1;
        check(
            self.entries <= self.limits.files,
            Breach::Files,
            self.limits.files,
            name,
        )
    }

    /// Refuses early an entry that declares more content than is left.
    pub(crate) fn announce(&self, size: u64, name: &str) -> Result<(), Error> {
        let fits = self
            .content
            .checked_add(size)
            .is_some_and(|sum| sum <= self.limits.bytes);
        check(fits, Breach::Bytes, self.limits.bytes, name)
    }

    /// `count` more bytes of a file's content.
    pub(crate) fn content(&mut self, count: usize, name: &str) -> Result<(), Error> {
        self.content = self.content.saturating_add(count as u64);
        check(
            self.content <= self.limits.bytes,
            Breach::Bytes,
            self.limits.bytes,
            name,
        )
    }

    /// `count` more decompressed bytes of any kind.
    pub(crate) fn produced(&mut self, count: usize, name: &str) -> Result<(), Error> {
        self.produced = self.produced.saturating_add(count as u64);
        let allowed = self
            .consumed
            .get()
            .saturating_mul(self.limits.ratio)
            .max(RATIO_GRACE);
        check(
            self.produced <= allowed,
            Breach::Ratio,
            self.limits.ratio,
            name,
        )
    }
}

fn check(fine: bool, breach: Breach, limit: u64, name: &str) -> Result<(), Error> {
    if fine {
        Ok(())
    } else {
        Err(Error::LimitExceeded {
            breach,
            limit,
            name: name.to_owned(),
        })
    }
}
