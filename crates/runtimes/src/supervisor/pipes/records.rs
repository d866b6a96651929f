//! What a stream is made of: files, or the values of records, framed or not.

use crate::launch::StagedFile;
use domain::pipe::Pipe;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;

/// Begins every record (dmlc-core, `recordio.h`).
const MAGIC: u32 = 0xced7_230a;
/// Bytes of one part of a record: its length has 29 bits.
const LONGEST: u64 = (1 << 29) - 4;
/// Bytes of a line of a list.
const LONGEST_LINE: u64 = 16 << 20;

/// What stays together in whatever order an epoch has.
pub(super) struct Piece(pub(super) Vec<Value>);

/// A value of a stream.
pub(super) enum Value {
    /// The bytes of a file.
    File(PathBuf),
    /// A JSON value as text.
    Text(String),
}

/// The records of a list: its file is the first by name, the others are named as it names them.
pub(super) fn read(files: &[&StagedFile], attributes: &[String]) -> Result<Vec<Piece>, String> {
    let (list, others) = files.split_first().ok_or("the list is missing")?;
    let others: BTreeMap<&str, &PathBuf> = others
        .iter()
        .map(|file| (file.path.as_str(), &file.source))
        .collect();
    let file = File::open(&list.source).map_err(|error| error.to_string())?;
    let mut lines = BufReader::new(file);
    let (mut pieces, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        let mut limited = Read::take(&mut lines, LONGEST_LINE);
        let taken = limited
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        if taken == 0 {
            return Ok(pieces);
        }
        if line.trim().is_empty() {
            continue;
        }
        let number = pieces.len() + 1;
        let wrong = |what: &str| format!("record {number} of the list {what}");
        let record: Map<String, Json> =
            serde_json::from_str(&line).map_err(|_| wrong("is no JSON object"))?;
        let mut values = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            let value = record.get(attribute);
            let value = value.ok_or_else(|| wrong(&format!("has no `{attribute}`")))?;
            values.push(match value {
                Json::String(place) if Pipe::is_reference(attribute) => {
                    let name = place.strip_prefix("s3://").unwrap_or(place);
                    let file = others.get(name);
                    let file = file.ok_or_else(|| wrong("names a file that was not found"))?;
                    Value::File((*file).clone())
                }
                // A text is streamed without its quotes, anything else as it is written.
                Json::String(text) => Value::Text(text.clone()),
                other => Value::Text(other.to_string()),
            });
        }
        pieces.push(Piece(values));
    }
}

/// Writes so many bytes as one record: magic, length, bytes, and zeros up to a multiple of four.
/// One that is too long for that is several parts, which the top bits of the length tell.
pub(super) fn framed(out: &mut impl Write, from: &mut impl Read, length: u64) -> io::Result<()> {
    let mut left = length;
    let mut is_first = true;
    loop {
        let part = left.min(LONGEST);
        left -= part;
        let flag: u32 = match (is_first, left == 0) {
            (true, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (false, true) => 3,
        };
        out.write_all(&MAGIC.to_le_bytes())?;
        out.write_all(&((flag << 29) | part as u32).to_le_bytes())?;
        if io::copy(&mut Read::take(&mut *from, part), out)? != part {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let rest = (4 - part % 4) % 4;
        out.write_all(&[0; 4][..rest as usize])?;
        is_first = false;
        if left == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_framed() {
        let mut out = Vec::new();
        framed(&mut out, &mut b"abcde".as_slice(), 5).unwrap();
        framed(&mut out, &mut b"".as_slice(), 0).unwrap();
        let expected = [
            &[0x0a, 0x23, 0xd7, 0xce, 5, 0, 0, 0][..],
            b"abcde\0\0\0",
            &[0x0a, 0x23, 0xd7, 0xce, 0, 0, 0, 0],
        ];
        assert_eq!(out, expected.concat());
        assert!(framed(&mut out, &mut b"short".as_slice(), 9).is_err());
    }
}
