//! Archives written byte by byte, because honest writers refuse to make hostile ones.

use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tradewind_archive::{Error, Limits, Unpacked, unpack};

/// Small enough that a test reaches them.
pub const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    files: 100,
    name_length: 200,
    ratio: 100,
};

/// A tar being written.
#[derive(Default, Clone)]
pub struct Tar(pub Vec<u8>);

impl Tar {
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        self.entry(b'0', name.as_bytes(), b"", content)
    }

    pub fn folder(self, name: &str) -> Self {
        self.entry(b'5', name.as_bytes(), b"", b"")
    }

    pub fn link(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name.as_bytes(), target.as_bytes(), b"")
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name.as_bytes(), target.as_bytes(), b"")
    }

    pub fn entry(self, kind: u8, name: &[u8], link: &[u8], content: &[u8]) -> Self {
        self.sized_entry(kind, name, link, content, content.len() as u64)
    }

    pub fn sized_entry(
        mut self,
        kind: u8,
        name: &[u8],
        link: &[u8],
        content: &[u8],
        size: u64,
    ) -> Self {
        let mut header = tar::Header::new_ustar();
        let bytes = header.as_mut_bytes();
        bytes[..name.len()].copy_from_slice(name);
        bytes[157..157 + link.len()].copy_from_slice(link);
        header.set_mode(0o6777);
        header.set_uid(1234);
        header.set_size(size);
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// A pax record before the next entry.
    pub fn pax(self, key: &str, value: &str) -> Self {
        let mut length = key.len() + value.len() + 3;
        while format!("{length} {key}={value}\n").len() != length {
            length += 1;
        }
        self.entry(
            b'x',
            b"pax",
            b"",
            format!("{length} {key}={value}\n").as_bytes(),
        )
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zip(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in entries {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(mode & 0o777);
        match mode & 0o170_000 {
            0o120_000 => {
                let target = std::str::from_utf8(content).unwrap();
                writer.add_symlink(*name, target, options).unwrap();
            }
            0o040_000 => writer.add_directory(*name, options).unwrap(),
            _ => {
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Unpacks into a fresh folder and checks that a refusal leaves nothing at all.
pub fn attempt(bytes: &[u8], limits: Limits) -> Result<Unpacked, Error> {
    let folder = tempfile::tempdir().unwrap();
    let result = unpack(bytes, &folder.path().join("to"), limits);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    match &result {
        Ok(_) => assert_eq!(left.len(), 1, "only the destination"),
        Err(error) => {
            assert!(left.is_empty(), "{left:?} left after: {error}");
            assert!(error.is_refusal(), "not the machine's fault: {error:?}");
        }
    }
    result
}

pub fn refused(bytes: &[u8]) -> Error {
    attempt(bytes, LIMITS).expect_err("this archive must be refused")
}

pub fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
