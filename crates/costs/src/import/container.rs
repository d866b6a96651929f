//! What a file is, told from its first bytes: Parquet, gzip, JSON lines or CSV.

use super::forms::Form;
use super::guard::Guard;
use super::sink::Sink;
use super::{Options, csv, json_lines, parquet};
use crate::Error;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// SHA-256 of a file's bytes, in hexadecimal.
pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 17];
    loop {
        let read = file.read(&mut buffer).map_err(Error::io(path))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(hash
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
}

/// Reads a file's lines into the sink and says in which form they were.
pub(super) fn read(path: &Path, options: &Options, sink: &mut Sink<'_>) -> Result<Form, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let mut plain = BufReader::with_capacity(1 << 16, file);
    let start = plain.fill_buf().map_err(Error::io(path))?;
    if start.starts_with(b"PAR1") {
        return parquet::read(path, options, sink);
    }
    if start.starts_with(&[0x1f, 0x8b]) {
        let unpacked = BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain));
        return text(path, unpacked, options, sink);
    }
    if start.starts_with(b"PK\x03\x04") {
        return Err(Error::unreadable(
            path,
            None,
            "it is a ZIP archive; unpack it first",
        ));
    }
    text(path, plain, options, sink)
}

fn text(
    path: &Path,
    mut from: impl BufRead,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<Form, Error> {
    let start = from
        .fill_buf()
        .map_err(|error| unpack_failed(path, &error))?;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => Err(Error::unreadable(path, None, "it is empty")),
        Some(b'{') => json_lines::read(path, Guard::new(from), options, sink),
        Some(b'[') => Err(Error::unreadable(
            path,
            None,
            "it is one JSON array; give JSON lines",
        )),
        Some(_) => csv::read(path, Guard::new(from), options, sink),
    }
}

/// An error while a text is read: of the compression when it is no error of the file system.
pub(super) fn unpack_failed(path: &Path, error: &std::io::Error) -> Error {
    let what = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the gzip stream ends early".to_owned(),
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
            format!("the gzip stream is damaged: {error}")
        }
        _ => error.to_string(),
    };
    Error::unreadable(path, None, what)
}
