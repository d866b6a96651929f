//! Unpacking an archive that nobody has vouched for.

mod blocks;
mod gzip;
mod tarball;
mod tree;
mod zipped;

use std::cell::Cell;
use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::digest::Digest;
use crate::error::Error;
use crate::limits::{Budget, Limits};
use tree::Tree;

/// What was unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// The digest over names, kinds and contents; equal to that of [`crate::pack`].
    pub sha256: Digest,
    /// Bytes of content.
    pub bytes: u64,
    /// Files and links, without folders.
    pub files: u64,
}

/// Unpacks a tar, a gzip-compressed tar or a zip (told apart by content) into `destination`,
/// which must not exist or be an empty folder; its parent must exist.
///
/// Files get mode 644 or 755 and folders 755, whatever the archive says; owners and times are
/// not taken. On any error the destination is as it was.
///
/// # Errors
/// See [`Error`]; [`Error::is_refusal`] tells the archive's faults from this machine's.
pub fn unpack(reader: impl Read, destination: &Path, limits: Limits) -> Result<Unpacked, Error> {
    let parent = free_place(destination)?;
    // Names of this form are left behind only by a killed process and may be deleted.
    let temporary = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(&parent);
    let temporary = temporary.map_err(Error::file("create a folder in", &parent))?;
    let consumed = Rc::new(Cell::new(0));
    let mut input = Counting {
        inner: reader,
        count: Rc::clone(&consumed),
    };
    let budget = Budget::new(limits, consumed);
    let content = temporary.path().join("content");
    fs::create_dir(&content).map_err(Error::file("create", &content))?;
    let mut tree = Tree::new(content.clone(), budget);
    let head = read_head(&mut input)?;
    let format = sniff(&head)?;
    let input = Cursor::new(head).chain(input);
    match format {
        Format::Tar => tarball::read(input, &mut tree)?,
        Format::Gzip => gzip::read(input, &mut tree)?,
        Format::Zip => zipped::read(input, temporary.path(), &mut tree)?,
    }
    let unpacked = tree.finish()?;
    fs::rename(&content, destination).map_err(Error::file("create", destination))?;
    Ok(unpacked)
}

/// The destination's parent, when the destination is free.
fn free_place(destination: &Path) -> Result<PathBuf, Error> {
    match fs::symlink_metadata(destination) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::file("look at", destination)(error)),
        Ok(found) => {
            let empty = found.is_dir()
                && fs::read_dir(destination)
                    .map_err(Error::file("list", destination))?
                    .next()
                    .is_none();
            if !empty {
                return Err(Error::DestinationTaken {
                    path: destination.to_owned(),
                });
            }
        }
    }
    Ok(match destination.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    })
}

enum Format {
    Tar,
    Gzip,
    Zip,
}

/// Tells formats apart by their first bytes: gzip RFC 1952 §2.3.1, zip APPNOTE 4.3.7 and 4.3.16,
/// tar by the checksum of its first header.
fn sniff(head: &[u8]) -> Result<Format, Error> {
    let unknown = |found: &str| {
        Err(Error::UnknownFormat {
            found: found.to_owned(),
        })
    };
    match head {
        [] => unknown("empty"),
        [0x1f, 0x8b, ..] => Ok(Format::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Format::Zip),
        [b'B', b'Z', b'h', ..] => unknown("bzip2-compressed"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => unknown("xz-compressed"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => unknown("zstd-compressed"),
        [b'7', b'z', 0xbc, 0xaf, ..] => unknown("a 7z archive"),
        _ if blocks::begins_tar(head) => Ok(Format::Tar),
        _ if head.len() < blocks::BLOCK => unknown("too short for an archive"),
        _ => unknown("something else"),
    }
}

fn read_head(input: &mut impl Read) -> Result<Vec<u8>, Error> {
    let mut head = Vec::with_capacity(blocks::BLOCK);
    input
        .take(blocks::BLOCK as u64)
        .read_to_end(&mut head)
        .map_err(Error::Read)?;
    Ok(head)
}

/// Counts what is read from the caller's reader, for the ratio of decompression.
struct Counting<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}
