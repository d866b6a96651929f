//! Folding keys at a delimiter, and filling pages up to their limit.

use crate::names::{LONGEST_KEY, marker};

/// Most entries of a page.
const MOST: u32 = 1_000;

/// What of a listing is the same for objects, versions and uploads.
pub(crate) struct Fold<'a> {
    pub(crate) bucket: &'a str,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// The caller's own marker.
    pub(crate) after: Option<&'a str>,
    /// Most entries.
    pub(crate) limit: usize,
    /// Folded prefixes that were met.
    pub(crate) prefixes: Vec<String>,
}

/// What a key is in a page.
pub(crate) enum Entry {
    /// Itself.
    Key,
    /// One of a prefix that is met for the first time.
    New(String),
    /// One of a prefix that was met, or that the caller has seen on an earlier page.
    Seen(String),
}

impl<'a> Fold<'a> {
    pub(crate) fn new(
        bucket: &'a str,
        prefix: &'a str,
        delimiter: Option<&'a str>,
        after: Option<&'a str>,
        limit: u32,
    ) -> Self {
        let limit = if limit == 0 { MOST } else { limit.min(MOST) };
        Self {
            bucket,
            prefix,
            delimiter: delimiter.filter(|text| !text.is_empty()),
            after: after.map(marker),
            limit: limit as usize,
            prefixes: Vec::new(),
        }
    }

    /// Whether no key can begin so.
    pub(crate) fn is_vain(&self) -> bool {
        self.prefix.len() > LONGEST_KEY || self.prefix.contains('\0')
    }

    pub(crate) fn folds(&self) -> bool {
        self.delimiter.is_some()
    }

    /// What a key is folded to: up to and with the first delimiter behind the prefix.
    fn folded(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter?;
        let at = key.strip_prefix(self.prefix)?.find(delimiter)?;
        Some(key[..self.prefix.len() + at + delimiter.len()].to_owned())
    }

    pub(crate) fn entry(&self, key: &str) -> Entry {
        match self.folded(key) {
            None => Entry::Key,
            Some(prefix)
                if self.prefixes.last() == Some(&prefix) || self.after == Some(&prefix) =>
            {
                Entry::Seen(prefix)
            }
            Some(prefix) => Entry::New(prefix),
        }
    }

    /// The row id behind which the first query begins.
    pub(crate) fn begin(&self) -> Option<String> {
        let after = self.after?;
        Some(match self.folded(after) {
            Some(prefix) if prefix == after => self.behind(after),
            _ => format!("{}/{after}", self.bucket),
        })
    }

    /// A row id behind all keys with that prefix and before all other greater ones.
    pub(crate) fn behind(&self, prefix: &str) -> String {
        let mut id = format!("{}/{prefix}", self.bucket);
        // No key is longer, so no key with the prefix is greater.
        while id.len() <= self.bucket.len() + 1 + LONGEST_KEY {
            id.push('\u{10FFFF}');
        }
        id
    }
}
