//! A comma-separated list with a header, read by column name, with line numbers in errors.

use std::io::Read;

use csv::StringRecord;
use flate2::read::MultiGzDecoder;

use crate::Error;

/// A price list or table of facts in memory.
#[derive(Debug)]
pub(crate) struct List {
    name: String,
    header: Vec<String>,
    records: Vec<StringRecord>,
}

/// One line of a [`List`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    list: &'a List,
    record: &'a StringRecord,
}

impl List {
    /// Reads a list, through gzip when it begins like one.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            MultiGzDecoder::new(bytes)
                .read_to_end(&mut plain)
                .map_err(|error| Error::Line {
                    file: name.to_owned(),
                    line: 0,
                    reason: format!("it does not inflate: {error}"),
                })?;
            return Self::parse(name, &plain);
        }
        Self::parse(name, bytes)
    }

    fn parse(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(bytes);
        let refuse = |error: csv::Error| Error::Line {
            file: name.to_owned(),
            line: error.position().map_or(0, csv::Position::line),
            reason: match error.kind() {
                csv::ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => {
                    format!("it has {len} cells where the header has {expected_len}")
                }
                _ => error.to_string(),
            },
        };
        let header = reader
            .headers()
            .map_err(refuse)?
            .iter()
            .map(str::to_owned)
            .collect();
        let records = reader.records().collect::<Result<_, _>>().map_err(refuse)?;
        Ok(Self {
            name: name.to_owned(),
            header,
            records,
        })
    }

    /// Position of each named column.
    pub(crate) fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N], Error> {
        let mut found = [0; N];
        for (index, name) in names.into_iter().enumerate() {
            let position = self.header.iter().position(|column| column == name);
            found[index] = position.ok_or_else(|| Error::Line {
                file: self.name.clone(),
                line: 1,
                reason: format!("column `{name}` is missing"),
            })?;
        }
        Ok(found)
    }

    /// All lines after the header.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.records
            .iter()
            .map(|record| Line { list: self, record })
    }
}

impl<'a> Line<'a> {
    /// The cell of a column.
    pub(crate) fn cell(self, column: usize) -> &'a str {
        self.record.get(column).unwrap_or_default().trim()
    }

    /// An error that names this line.
    pub(crate) fn refuse(self, reason: impl Into<String>) -> Error {
        Error::Line {
            file: self.list.name.clone(),
            line: self.record.position().map_or(0, csv::Position::line),
            reason: reason.into(),
        }
    }

    /// A cell read by `read`.
    pub(crate) fn parse<T>(
        self,
        column: usize,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let cell = self.cell(column);
        read(cell).ok_or_else(|| {
            let name = self.list.header.get(column).map_or("", String::as_str);
            self.refuse(format!("`{cell}` is not a value of column `{name}`"))
        })
    }
}
