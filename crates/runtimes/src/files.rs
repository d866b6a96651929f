//! Small things with files that must hold against crashes and hostile names.

use crate::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

/// Creates a folder and its parents.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::file("create the folder", path))
}

/// Writes a file so that a reader sees either the old content or all of the new one. Mode 600:
/// records may hold variables that are secrets.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    // Several writers, in one process or in several, may write the same file at the same time.
    let writer = format!("{}-{}.part", std::process::id(), thread_number());
    let temporary = path.with_extension(writer);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options
        .open(&temporary)
        .map_err(Error::file("create", &temporary))?;
    file.write_all(content)
        .map_err(Error::file("write", &temporary))?;
    drop(file);
    fs::rename(&temporary, path).map_err(Error::file("replace", path))
}

/// A number that no other living thread of this process has.
pub fn thread_number() -> String {
    // The number itself cannot be had yet, only its text: `ThreadId(7)`.
    let text = format!("{:?}", std::thread::current().id());
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Writes a record as JSON, atomically.
pub fn write_record<T: Serialize>(path: &Path, record: &T) -> Result<(), Error> {
    let text = serde_json::to_vec(record).map_err(|source| Error::Record {
        path: path.to_owned(),
        source,
    })?;
    write_atomically(path, &text)
}

/// Reads a record; `None` when there is no such file.
pub fn read_record<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| Error::Record {
                path: path.to_owned(),
                source,
            }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// Reads at most `most` bytes of a file as text, with replacement characters where it is none;
/// `None` when it cannot be read.
pub fn read_text(path: &Path, most: u64) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(most)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Joins a path that came from outside; refuses one that is absolute, empty or climbs.
pub fn join_inside(folder: &Path, path: &str, owner: &str) -> Result<PathBuf, Error> {
    let refuse = || Error::UnsafePath {
        path: path.to_owned(),
        owner: owner.to_owned(),
    };
    let mut joined = folder.to_owned();
    let mut depth = 0;
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => {
                joined.push(part);
                depth += 1;
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) | Component::ParentDir => {
                return Err(refuse());
            }
        }
    }
    if depth == 0 || path.contains('\0') {
        return Err(refuse());
    }
    Ok(joined)
}

/// Whether `path`, which is below `folder`, is there without any link between the two. User code
/// may replace what it was given by links to what it may not read.
pub fn is_really(path: &Path, folder: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(folder) else {
        return false;
    };
    let real = fs::canonicalize(folder).map(|folder| folder.join(inside));
    real.is_ok_and(|real| fs::canonicalize(path).is_ok_and(|path| path == real))
}

/// SHA-256 of some bytes, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 and length of a file's content.
pub fn hash_file(path: &Path) -> Result<([u8; 32], u64), Error> {
    let mut file = File::open(path).map_err(Error::file("read", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut length = 0;
    loop {
        let count = file.read(&mut buffer).map_err(Error::file("read", path))?;
        if count == 0 {
            return Ok((hasher.finalize().into(), length));
        }
        hasher.update(&buffer[..count]);
        length += count as u64;
    }
}

/// Bytes in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Bytes that a folder takes on its disk. Links are not followed; what vanishes meanwhile counts
/// nothing; a file with several names counts once per name.
pub fn disk_usage(folder: &Path) -> u64 {
    let mut total = 0;
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            total += metadata.blocks() * 512;
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    total
}

/// Removes a folder with all its content; that it is not there is fine.
pub fn remove_folder(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => {
            make_writable(path);
            fs::remove_dir_all(path).map_err(Error::file("remove", path))
        }
    }
}

/// User code may have taken its own folders' permissions away; they are given back to remove them.
fn make_writable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return;
    };
    if !metadata.is_dir() {
        return;
    }
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(path) else {
        return;
    };
    for entry in entries.flatten() {
        make_writable(&entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_from_outside_stays_inside() {
        let folder = Path::new("/data");
        assert_eq!(
            join_inside(folder, "a/./b", "x").unwrap(),
            Path::new("/data/a/b")
        );
        for bad in ["", ".", "/etc/passwd", "../x", "a/../../x", "a\0b"] {
            assert!(join_inside(folder, bad, "x").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_record_comes_back_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.json");
        assert_eq!(read_record::<Vec<u8>>(&path).unwrap(), None);
        write_record(&path, &vec![1_u8, 2]).unwrap();
        assert_eq!(read_record::<Vec<u8>>(&path).unwrap(), Some(vec![1, 2]));
        fs::write(&path, "[1,").unwrap();
        let error = read_record::<Vec<u8>>(&path).unwrap_err();
        assert!(error.to_string().contains("r.json"), "{error}");
    }

    #[test]
    fn a_folder_without_permissions_is_removed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        create_folder(&inner).unwrap();
        fs::write(inner.join("c"), "x").unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o000)).unwrap();
        remove_folder(&folder.path().join("a")).unwrap();
        assert!(!folder.path().join("a").exists());
        remove_folder(&folder.path().join("a")).unwrap();
    }
}
