//! The digest of a folder: over names, kinds and contents, independent of the archive's form.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. Shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl std::fmt::Display for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

/// One file or link of a folder, as the digest sees it. Folders are seen by what is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leaf {
    File { content: [u8; 32], executable: bool },
    Link { target: String },
}

/// The digest over all leaves in the order of their names. Every part is preceded by its length
/// or has a fixed one, so no two different folders give the same input.
pub(crate) fn of_leaves(leaves: &BTreeMap<String, Leaf>) -> Digest {
    let mut hash = Sha256::new();
    hash.update(b"tradewind folder 1\n");
    for (name, leaf) in leaves {
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        match leaf {
            Leaf::File {
                content,
                executable,
            } => {
                hash.update(if *executable { b"x" } else { b"f" });
                hash.update(content);
            }
            Leaf::Link { target } => {
                hash.update(b"l");
                hash.update((target.len() as u64).to_be_bytes());
                hash.update(target.as_bytes());
            }
        }
    }
    Digest(hash.finalize().into())
}
