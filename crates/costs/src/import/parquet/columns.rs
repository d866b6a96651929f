//! Flat files by their columns, some thousand rows at a time. The format's record reader makes a name
//! and a value of its own for every cell; here a cell is a place in its column's text, and one that
//! repeats the cell before is not written again.

use super::cell::{self, Nanoseconds};
use super::damaged;
use crate::Error;
use ::parquet::basic::ConvertedType;
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use ::parquet::schema::types::ColumnDescPtr;
use std::fs::File;
use std::path::Path;

/// Rows that are read at once.
const BATCH: usize = 4_096;
/// Most text of one column in so many rows.
const MOST_TEXT: usize = 1 << 28;

/// Calls `each` with the number of every row, counted from 1, and its cells; empty ones are unset.
pub(super) fn read(
    path: &Path,
    reader: &SerializedFileReader<File>,
    units: &[Nanoseconds],
    mut each: impl FnMut(u64, &[Option<&str>]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut number = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|e| damaged(path, e))?;
        let facts = group.metadata();
        let mut columns = Vec::with_capacity(units.len());
        for (at, unit) in units.iter().enumerate() {
            columns.push(Column {
                reader: group.get_column_reader(at).map_err(|e| damaged(path, e))?,
                facts: facts.column(at).column_descr_ptr(),
                unit: *unit,
                text: String::new(),
                cells: Vec::new(),
                levels: Vec::new(),
            });
        }
        let mut left = usize::try_from(facts.num_rows())
            .map_err(|_| damaged(path, "a row group has fewer than no rows"))?;
        while left > 0 {
            let rows = left.min(BATCH);
            for column in &mut columns {
                column.next(rows).map_err(|e| damaged(path, e))?;
            }
            let mut cells = Vec::with_capacity(columns.len());
            for row in 0..rows {
                number += 1;
                cells.clear();
                cells.extend(columns.iter().map(|column| column.cell(row)));
                each(number, &cells)?;
            }
            left -= rows;
        }
    }
    Ok(())
}

struct Column {
    reader: ColumnReader,
    facts: ColumnDescPtr,
    unit: Nanoseconds,
    text: String,
    /// Where in the text each row's cell is.
    cells: Vec<Option<(usize, usize)>>,
    levels: Vec<i16>,
}

impl Column {
    fn cell(&self, row: usize) -> Option<&str> {
        let (start, end) = self.cells[row]?;
        (start < end).then(|| &self.text[start..end])
    }

    /// Reads the next rows in place of the ones before.
    fn next(&mut self, rows: usize) -> Result<(), ParquetError> {
        self.text.clear();
        self.cells.clear();
        let (facts, unit) = (self.facts.clone(), self.unit);
        let mut batch = Batch {
            rows,
            nullable: facts.max_def_level() > 0,
            levels: &mut self.levels,
            text: &mut self.text,
            cells: &mut self.cells,
        };
        let field = |field: &Field, text: &mut String| {
            if let Some(cell) = cell::text(field, unit) {
                text.push_str(&cell);
            }
            Ok(())
        };
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_bool(&facts, *v), t))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_int32(&facts, *v), t))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_int64(&facts, *v), t))
            }
            ColumnReader::Int96ColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_int96(&facts, *v), t))
            }
            ColumnReader::FloatColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_float(&facts, *v), t))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                batch.fill(reader, |v, t| field(&Field::convert_double(&facts, *v), t))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                let is_text = matches!(
                    facts.converted_type(),
                    ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
                );
                batch.fill(reader, |value: &ByteArray, text| {
                    if is_text {
                        text.push_str(value.as_utf8()?);
                        return Ok(());
                    }
                    field(&Field::convert_byte_array(&facts, value.clone())?, text)
                })
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                batch.fill(reader, |value, text| {
                    let bytes = ByteArray::from(value.data().to_vec());
                    field(&Field::convert_byte_array(&facts, bytes)?, text)
                })
            }
        }
    }
}

/// The cells of one column of some rows, while they are read.
struct Batch<'a> {
    rows: usize,
    nullable: bool,
    levels: &'a mut Vec<i16>,
    text: &'a mut String,
    cells: &'a mut Vec<Option<(usize, usize)>>,
}

impl Batch<'_> {
    fn fill<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        write: impl Fn(&T::T, &mut String) -> Result<(), ParquetError>,
    ) -> Result<(), ParquetError> {
        self.levels.clear();
        let mut values: Vec<T::T> = Vec::with_capacity(self.rows);
        let mut read = 0;
        while read < self.rows {
            let levels = self.nullable.then_some(&mut *self.levels);
            let (records, ..) = reader.read_records(self.rows - read, levels, None, &mut values)?;
            if records == 0 {
                return Err(ParquetError::EOF("a column ends early".to_owned()));
            }
            read += records;
        }
        let mut values = values.iter();
        let mut last: Option<(&T::T, (usize, usize))> = None;
        for row in 0..self.rows {
            if self.nullable && self.levels.get(row).copied().unwrap_or(0) == 0 {
                self.cells.push(None);
                continue;
            }
            let Some(value) = values.next() else {
                return Err(ParquetError::EOF("a column has too few values".to_owned()));
            };
            if let Some((known, place)) = last
                && known == value
            {
                self.cells.push(Some(place));
                continue;
            }
            let start = self.text.len();
            write(value, self.text)?;
            let place = (start, self.text.len());
            if place.1 > MOST_TEXT {
                let what = format!(
                    "{} rows of a column have more than {MOST_TEXT} bytes",
                    self.rows
                );
                return Err(ParquetError::General(what));
            }
            self.cells.push(Some(place));
            last = Some((value, place));
        }
        Ok(())
    }
}
