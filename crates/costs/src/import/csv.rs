//! Comma-separated files with a header.

use super::Options;
use super::container::unpack_failed;
use super::forms::{self, Cells, Form};
use super::guard::Guard;
use super::sink::Sink;
use crate::Error;
use crate::row::Reject;
use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use std::io::BufRead;
use std::path::Path;

pub(super) fn read(
    path: &Path,
    from: Guard<impl BufRead>,
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<Form, Error> {
    let ended = from.ended();
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .buffer_capacity(1 << 16)
        .from_reader(from);
    let headers = reader
        .byte_headers()
        .map_err(|error| failed(path, &error))?
        .clone();
    ended.here();
    let headers: Vec<String> = headers
        .iter()
        .map(|name| {
            String::from_utf8_lossy(name)
                .trim_start_matches('\u{feff}')
                .trim()
                .to_owned()
        })
        .collect();
    let mut form = forms::bind(&headers, options.form)
        .map_err(|what| Error::unreadable(path, Some(1), what))?;
    sink.notes(form.notes());
    let mut record = ByteRecord::new();
    let mut cells: Vec<Option<&str>> = Vec::new();
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| failed(path, &error))?
    {
        ended.here();
        let line = record.position().map_or(0, csv::Position::line);
        let mut borrowed = std::mem::take(&mut cells);
        let read = split(&record, &headers, &mut borrowed);
        let taken = read.and_then(|()| form.lines(Cells(&borrowed), sink.rows()));
        sink.take(line, taken, || {
            String::from_utf8_lossy(record.as_slice()).into_owned()
        })?;
        cells = recycle(borrowed);
    }
    Ok(form.form())
}

/// The cells of a record as text.
fn split<'a>(
    record: &'a ByteRecord,
    headers: &[String],
    cells: &mut Vec<Option<&'a str>>,
) -> Result<(), Reject> {
    if record.len() != headers.len() {
        let (has, expected) = (record.len(), headers.len());
        let reason = format!("the line has {has} fields instead of {expected}");
        return Err(Reject::new("", reason));
    }
    for (field, name) in record.iter().zip(headers) {
        let text = std::str::from_utf8(field).map_err(|_| Reject::new(name, "is not UTF-8"))?;
        cells.push((!text.is_empty()).then_some(text));
    }
    Ok(())
}

/// The same memory for the next record.
fn recycle<'a>(mut cells: Vec<Option<&str>>) -> Vec<Option<&'a str>> {
    cells.clear();
    cells.into_iter().map(|_| None).collect()
}

fn failed(path: &Path, error: &csv::Error) -> Error {
    if let ErrorKind::Io(error) = error.kind() {
        return unpack_failed(path, error);
    }
    let line = error.position().map(csv::Position::line);
    Error::unreadable(path, line, error.to_string())
}
