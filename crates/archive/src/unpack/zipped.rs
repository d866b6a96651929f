//! Reading a zip. Its directory is at the end, so the input is kept in a temporary file first;
//! the same checks then hold as for a tar. Format: PKWARE's APPNOTE 6.3.10.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::tree::Tree;
use crate::error::Error;
use crate::name::printable;

/// The kind bits of a Unix mode (`inode(7)`).
const KIND: u32 = 0o170_000;

pub(super) fn read(input: impl Read, beside: &Path, tree: &mut Tree) -> Result<(), Error> {
    let spooled = spool(input, beside, tree)?;
    let mut archive = ZipArchive::new(spooled).map_err(|error| fault(error, "its directory"))?;
    let twice = archive.has_duplicate_names();
    if twice {
        return Err(Error::Duplicate {
            name: "a name".to_owned(),
        });
    }
    for index in 0..archive.len() {
        entry(&mut archive, index, tree)?;
    }
    Ok(())
}

/// Compressed content cannot be larger than the content that is allowed, but for headers.
fn spool(mut input: impl Read, beside: &Path, tree: &Tree) -> Result<File, Error> {
    let mut file =
        tempfile::tempfile_in(beside).map_err(Error::file("create a file in", beside))?;
    let allowed = tree.budget.limits.bytes.saturating_add(64 << 20);
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0_u64;
    loop {
        let count = match input.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result.map_err(Error::Read)?,
        };
        if count == 0 {
            break;
        }
        total += count as u64;
        if total > allowed {
            tree.budget.announce(total, "the zip itself")?;
        }
        file.write_all(&buffer[..count])
            .map_err(Error::file("write to", beside))?;
    }
    file.seek(SeekFrom::Start(0))
        .map_err(Error::file("read from", beside))?;
    Ok(file)
}

fn entry(archive: &mut ZipArchive<File>, index: usize, tree: &mut Tree) -> Result<(), Error> {
    let mut entry = archive
        .by_index(index)
        .map_err(|error| fault(error, "an entry"))?;
    let raw = entry.name_raw().to_vec();
    let shown = printable(&raw);
    if entry.encrypted() {
        return Err(Error::Unsupported {
            name: shown,
            feature: "encryption".to_owned(),
        });
    }
    let name = tree.name(&raw)?;
    let mode = entry.unix_mode().unwrap_or(0o644);
    match mode & KIND {
        _ if raw.ends_with(b"/") => {
            if entry.size() != 0 {
                let detail = "a folder with content".to_owned();
                return Err(Error::Corrupt {
                    place: shown,
                    detail,
                });
            }
            tree.add_folder(&name)
        }
        0o120_000 => {
            let longest = tree.budget.limits.name_length as u64;
            let mut target = Vec::new();
            let read = (&mut entry).take(longest + 1).read_to_end(&mut target);
            read.map_err(|error| content_fault(error, &shown))?;
            tree.add_link(&name, &target)
        }
        0 | 0o100_000 => {
            let size = entry.size();
            file(&mut entry, &name, size, mode & 0o100 != 0, tree)
        }
        0o040_000 => tree.add_folder(&name),
        0o010_000 => Err(Error::SpecialFile { name, kind: "fifo" }),
        _ => Err(Error::SpecialFile {
            name,
            kind: "device or socket",
        }),
    }
}

fn file(
    content: &mut impl Read,
    name: &str,
    size: u64,
    executable: bool,
    tree: &mut Tree,
) -> Result<(), Error> {
    tree.budget.announce(size, name)?;
    let mut file = tree.create_file(name, executable)?;
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0;
    loop {
        let count = content
            .read(&mut buffer)
            .map_err(|error| content_fault(error, name))?;
        if count == 0 {
            break;
        }
        total += count as u64;
        tree.budget.produced(count, name)?;
        tree.budget.content(count, name)?;
        file.write(&buffer[..count])?;
    }
    if total != size {
        let detail = format!("{total} bytes instead of the stated {size}");
        return Err(Error::Corrupt {
            place: name.to_owned(),
            detail,
        });
    }
    tree.keep_file(file);
    Ok(())
}

fn content_fault(error: io::Error, name: &str) -> Error {
    fault(ZipError::Io(error), &format!("`{name}`"))
}

fn fault(error: ZipError, place: &str) -> Error {
    let place = place.to_owned();
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => Error::Truncated {
            place: format!("inside {place}"),
        },
        ZipError::UnsupportedArchive(feature) => Error::Unsupported {
            name: place,
            feature: feature.to_lowercase(),
        },
        ZipError::CompressionMethodNotSupported(method) => Error::Unsupported {
            name: place,
            feature: format!("compression method {method}"),
        },
        other => Error::Corrupt {
            place,
            detail: other.to_string(),
        },
    }
}
