//! The hash over a set of files, and the check that they can be one tree.

use super::Found;
use crate::checksum::hex;
use crate::error::Error;
use domain::Location;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// SHA-256 over paths and contents of files in the order of their paths. Every part has a known
/// length, so no two different sets give the same input.
pub(super) fn of(found: &[Found]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tradewind input 1\n");
    for Found { file, sha256 } in found {
        hash.update((file.path.len() as u64).to_be_bytes());
        hash.update(file.path.as_bytes());
        hash.update((sha256.len() as u64).to_be_bytes());
        hash.update(sha256.as_bytes());
    }
    hex(&hash.finalize())
}

/// What stands for contents that are not here: the text that names them.
pub(super) fn of_text(text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tradewind input by name 1\n");
    hash.update(text.as_bytes());
    hex(&hash.finalize())
}

/// Refuses sets in which one path is needed as a file and as a folder.
pub(super) fn check_tree(location: &Location, found: &[Found]) -> Result<(), Error> {
    let files: HashSet<&str> = found.iter().map(|found| found.file.path.as_str()).collect();
    for Found { file, .. } in found {
        let mut at = 0;
        while let Some(next) = file.path[at..].find('/') {
            let folder = &file.path[..at + next];
            if files.contains(folder) {
                return Err(Error::Unstageable {
                    location: location.to_string(),
                    reason: format!(
                        "`{folder}` is a file and also a folder of `{}`; rename one of them",
                        file.path
                    ),
                });
            }
            at += next + 1;
        }
    }
    Ok(())
}
