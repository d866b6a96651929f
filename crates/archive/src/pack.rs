//! Packing a code folder: the same content gives the same bytes, on any machine, at any time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use crate::digest::{Digest, Leaf, of_leaves};
use crate::error::Error;
use crate::ignore::Rules;
use crate::links::{self, Found};
use crate::name;

/// What was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The digest over names, kinds and contents; see [`Digest`].
    pub sha256: Digest,
    /// Bytes of content, uncompressed.
    pub bytes: u64,
    /// Files and links, without folders.
    pub files: u64,
}

/// Packs `folder` without what `rules` leave out into a gzip-compressed tar.
///
/// Entries are sorted by name, times and owners are zero, modes are 644 or 755 (by the owner's
/// execute bit). Links that stay inside the folder are kept as links.
///
/// # Errors
/// [`Error::UnsafeLink`] for links that leave the folder, [`Error::SpecialFile`],
/// [`Error::UnsafeName`] for names that [`crate::unpack`] would refuse, [`Error::Changed`] for a
/// file that is being written, [`Error::NotAFolder`], [`Error::File`] and [`Error::Write`].
pub fn pack(folder: &Path, rules: &Rules, writer: impl Write) -> Result<Packed, Error> {
    let gzip = GzBuilder::new().mtime(0).operating_system(255);
    let mut tar = tar::Builder::new(gzip.write(writer, Compression::default()));
    let packed = walk(folder, rules, &mut |entry, content| {
        append(&mut tar, entry, content)
    })?;
    let gzip = tar.into_inner().map_err(Error::Write)?;
    let mut writer = gzip.finish().map_err(Error::Write)?;
    writer.flush().map_err(Error::Write)?;
    Ok(packed)
}

/// What [`pack`] would return, without an archive: the key of a code folder for caches.
///
/// # Errors
/// As [`pack`].
pub fn fingerprint(folder: &Path, rules: &Rules) -> Result<Packed, Error> {
    walk(folder, rules, &mut |entry, content| {
        if let Some(content) = content {
            let read = io::copy(content, &mut io::sink());
            let read = read.map_err(Error::file("read", folder.join(entry.name)))?;
            complete(entry, read)?;
        }
        Ok(())
    })
}

struct Entry<'a> {
    name: &'a str,
    kind: Kind<'a>,
}

enum Kind<'a> {
    Folder,
    File { size: u64, executable: bool },
    Link { target: &'a str },
}

type Sink<'a> = dyn FnMut(&Entry<'_>, Option<&mut dyn Read>) -> Result<(), Error> + 'a;

/// Visits everything that is taken, sorted by name, and hashes what the sink reads.
fn walk(folder: &Path, rules: &Rules, sink: &mut Sink<'_>) -> Result<Packed, Error> {
    if !folder.is_dir() {
        return Err(Error::NotAFolder {
            path: folder.to_owned(),
        });
    }
    let mut taken = BTreeMap::new();
    collect(folder, rules, &mut taken)?;
    let mut leaves = BTreeMap::new();
    let mut bytes = 0;
    for (name, metadata) in &taken {
        let path = folder.join(name);
        if metadata.is_dir() {
            sink(
                &Entry {
                    name,
                    kind: Kind::Folder,
                },
                None,
            )?;
        } else if metadata.is_symlink() {
            let target = link_target(folder, name)?;
            sink(
                &Entry {
                    name,
                    kind: Kind::Link { target: &target },
                },
                None,
            )?;
            leaves.insert(name.clone(), Leaf::Link { target });
        } else {
            let file = File::open(&path).map_err(Error::file("read", &path))?;
            let size = file.metadata().map_err(Error::file("read", &path))?.len();
            let executable = metadata.permissions().mode() & 0o100 != 0;
            let mut reader = Hashing {
                inner: file,
                hash: Sha256::new(),
            };
            let kind = Kind::File { size, executable };
            sink(&Entry { name, kind }, Some(&mut reader))?;
            bytes += size;
            let content = reader.hash.finalize().into();
            leaves.insert(
                name.clone(),
                Leaf::File {
                    content,
                    executable,
                },
            );
        }
    }
    Ok(Packed {
        sha256: of_leaves(&leaves),
        bytes,
        files: leaves.len() as u64,
    })
}

fn collect(
    folder: &Path,
    rules: &Rules,
    taken: &mut BTreeMap<String, fs::Metadata>,
) -> Result<(), Error> {
    let mut pending = vec![String::new()];
    while let Some(prefix) = pending.pop() {
        let path = folder.join(&prefix);
        for entry in fs::read_dir(&path).map_err(Error::file("list", &path))? {
            let entry = entry.map_err(Error::file("list", &path))?;
            let raw = entry.file_name();
            let mut whole = prefix.clone().into_bytes();
            if !whole.is_empty() {
                whole.push(b'/');
            }
            whole.extend_from_slice(raw.as_encoded_bytes());
            // `symlink_metadata` of the entry: a link is looked at, never followed.
            let metadata = entry
                .metadata()
                .map_err(Error::file("read", entry.path()))?;
            let lossy = String::from_utf8_lossy(&whole);
            if rules.ignores(&lossy, metadata.is_dir()) {
                continue;
            }
            let name = name::clean(&whole, usize::MAX)?;
            if metadata.is_dir() {
                pending.push(name.clone());
            } else if !metadata.is_file() && !metadata.is_symlink() {
                return Err(Error::SpecialFile {
                    name,
                    kind: "device, fifo or socket",
                });
            }
            taken.insert(name, metadata);
        }
    }
    Ok(())
}

fn link_target(folder: &Path, name: &str) -> Result<String, Error> {
    let path = folder.join(name);
    let target = fs::read_link(&path).map_err(Error::file("read", &path))?;
    let Some(target) = target.to_str().map(str::to_owned) else {
        let target = name::printable(target.as_os_str().as_encoded_bytes());
        let reason = "its target is not UTF-8";
        return Err(Error::UnsafeLink {
            name: name.to_owned(),
            target,
            reason,
        });
    };
    let look_up = |at: &str| {
        let path = folder.join(at);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => Found::Folder,
            Ok(found) if found.is_symlink() => match fs::read_link(&path) {
                Ok(next) => Found::Link(next.to_string_lossy().into_owned()),
                Err(_) => Found::Nothing,
            },
            Ok(_) => Found::File,
            Err(_) => Found::Nothing,
        }
    };
    match links::refusal(name, &target, look_up) {
        None => Ok(target),
        Some(reason) => Err(Error::UnsafeLink {
            name: name.to_owned(),
            target,
            reason,
        }),
    }
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    entry: &Entry<'_>,
    content: Option<&mut dyn Read>,
) -> Result<(), Error> {
    let mut header = tar::Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    match entry.kind {
        Kind::Folder => {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            let name = format!("{}/", entry.name);
            tar.append_data(&mut header, name, io::empty())
                .map_err(Error::Write)
        }
        Kind::Link { target } => {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_mode(0o777);
            tar.append_link(&mut header, entry.name, target)
                .map_err(Error::Write)
        }
        Kind::File { size, executable } => {
            header.set_entry_type(tar::EntryType::Regular);
            header.set_mode(if executable { 0o755 } else { 0o644 });
            header.set_size(size);
            let Some(content) = content else {
                return Ok(());
            };
            // After what was promised one byte more is asked for, to notice a file that grew.
            let mut counted = Counted {
                inner: content,
                count: 0,
            };
            let mut limited = (&mut counted).take(size);
            tar.append_data(&mut header, entry.name, &mut limited)
                .map_err(Error::Write)?;
            let grown = counted.read(&mut [0]).map_err(Error::Write)? as u64;
            complete(entry, counted.count + grown)
        }
    }
}

fn complete(entry: &Entry<'_>, read: u64) -> Result<(), Error> {
    match entry.kind {
        Kind::File { size, .. } if size != read => Err(Error::Changed {
            name: entry.name.to_owned(),
        }),
        _ => Ok(()),
    }
}

struct Hashing {
    inner: File,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

struct Counted<'a> {
    inner: &'a mut dyn Read,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}
