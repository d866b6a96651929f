//! Writing a segment, block by block.

use super::footer::{BlockAt, ChunkAt};
use super::{Builder, Footer, MAGIC};
use crate::Error;
use crate::focus::{Column, Kind};
use crate::row::Row;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A block while it is filled.
pub(crate) struct Block {
    columns: Vec<Option<Builder>>,
    rows: usize,
    starts: (i64, i64),
}

impl Block {
    pub(crate) fn new() -> Self {
        Self {
            columns: (0..Column::COUNT).map(|_| None).collect(),
            rows: 0,
            starts: (i64::MAX, i64::MIN),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a line that has been checked.
    pub(crate) fn push(&mut self, row: &Row) {
        for column in row.present() {
            let kind = column.kind();
            let builder = self.columns[column.index()].get_or_insert_with(|| Builder::new(kind));
            match kind {
                Kind::Text | Kind::Tags => builder.text(self.rows, row.text(*column).unwrap_or("")),
                Kind::Time => {
                    if let Some(at) = row.time(*column) {
                        builder.time(self.rows, at);
                    }
                }
                Kind::Decimal => {
                    if let Some(number) = row.number(*column) {
                        builder.number(self.rows, number);
                    }
                }
            }
        }
        if let Some(start) = row.time(Column::ChargePeriodStart) {
            self.starts = (self.starts.0.min(start), self.starts.1.max(start));
        }
        self.rows += 1;
    }
}

/// A segment while it is written.
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    offset: u64,
    footer: Footer,
}

impl Writer {
    /// Begins a file that must not be there.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::options().write(true).create_new(true).open(path);
        let mut file = BufWriter::with_capacity(1 << 16, file.map_err(Error::io(path))?);
        file.write_all(MAGIC).map_err(Error::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            offset: MAGIC.len() as u64,
            footer: Footer::default(),
        })
    }

    /// Writes a block out.
    pub(crate) fn block(&mut self, block: Block) -> Result<(), Error> {
        let rows = block.rows;
        if rows == 0 {
            return Ok(());
        }
        let mut columns = Vec::new();
        for (column, builder) in Column::ALL.iter().zip(block.columns) {
            let Some(builder) = builder else { continue };
            let plain = builder.write(rows);
            let packed = lz4_flex::block::compress(&plain);
            let stored = if packed.len() < plain.len() - plain.len() / 8 {
                &packed
            } else {
                &plain
            };
            self.file.write_all(stored).map_err(Error::io(&self.path))?;
            columns.push(ChunkAt {
                column: *column,
                offset: self.offset,
                stored: stored.len(),
                length: plain.len(),
                crc: crc32fast::hash(stored),
            });
            self.offset += stored.len() as u64;
        }
        self.footer.blocks.push(BlockAt {
            rows,
            starts: block.starts,
            columns,
        });
        Ok(())
    }

    /// Ends the file and brings it to the disk.
    pub(crate) fn finish(mut self) -> Result<u64, Error> {
        let path = self.path.clone();
        let footer = serde_json::to_vec(&self.footer)
            .map_err(|error| Error::damaged(&path, error.to_string()))?;
        let mut end = footer.clone();
        end.extend_from_slice(&(footer.len() as u32).to_le_bytes());
        end.extend_from_slice(&crc32fast::hash(&footer).to_le_bytes());
        end.extend_from_slice(MAGIC);
        self.file.write_all(&end).map_err(Error::io(&path))?;
        let file = self
            .file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error);
        file.and_then(|file| file.sync_all())
            .map_err(Error::io(&path))?;
        Ok(self.offset + end.len() as u64)
    }
}
