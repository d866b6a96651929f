//! Parquet files: flat ones column by column, those with maps of tags by the format's record reader,
//! Google's nested ones as the JSON that its rows are.

mod cell;
mod columns;

use super::Options;
use super::forms::{self, Cells, Flat, Form, google};
use super::sink::Sink;
use crate::Error;
use crate::focus::{Column, Kind};
use ::parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Row;
use ::parquet::schema::types::Type;
use cell::Nanoseconds;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pub(super) fn read(path: &Path, options: &Options, sink: &mut Sink<'_>) -> Result<Form, Error> {
    // The record reader asserts what a well-formed file holds; a damaged one shall be an error.
    catch_unwind(AssertUnwindSafe(|| read_rows(path, options, sink)))
        .unwrap_or_else(|_| Err(damaged(path, "its pages are not what its footer says")))
}

fn damaged(path: &Path, what: impl std::fmt::Display) -> Error {
    let what = what.to_string();
    if let Some((_, codec)) = what.split_once("Disabled feature at compile time:") {
        let what = format!(
            "its pages are compressed with {}, which is not read; snappy, gzip and zstd are",
            codec.trim()
        );
        return Error::unreadable(path, None, what);
    }
    Error::unreadable(path, None, format!("the Parquet file is damaged: {what}"))
}

fn read_rows(path: &Path, options: &Options, sink: &mut Sink<'_>) -> Result<Form, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, error))?;
    let schema = reader
        .metadata()
        .file_metadata()
        .schema_descr()
        .root_schema_ptr();
    let fields = schema.get_fields();
    let nested = |name: &str| {
        fields
            .iter()
            .any(|field| field.name() == name && field.is_group())
    };
    let mut form = if nested("service") && nested("sku") {
        None
    } else {
        for field in fields {
            check_type(path, field)?;
        }
        let headers: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        let bound = forms::bind(&headers, options.form);
        Some(bound.map_err(|what| Error::unreadable(path, None, what))?)
    };
    sink.notes(form.as_ref().map(|form| form.notes()).unwrap_or_default());
    let units: Vec<Nanoseconds> = fields.iter().map(|field| unit(field)).collect();
    let is_flat = |field: &Type| {
        field.is_primitive() && field.get_basic_info().repetition() != Repetition::REPEATED
    };
    if let Some(form) = &mut form
        && fields.iter().all(|field| is_flat(field))
    {
        columns::read(path, &reader, &units, |line, cells| {
            let taken = form.lines(Cells(cells), sink.rows());
            sink.take(line, taken, || joined(cells))
        })?;
        return Ok(form.form());
    }
    let rows = reader
        .get_row_iter(None)
        .map_err(|error| damaged(path, error))?;
    for (number, row) in rows.enumerate() {
        let row = row.map_err(|error| damaged(path, error))?;
        let line = number as u64 + 1;
        if let Some(form) = &mut form {
            flat(&row, &units, form.as_mut(), sink, line)?;
        } else {
            let value = cell::object(&row);
            let taken = google::lines(&value, sink.rows());
            sink.take(line, taken, || value.to_string())?;
        }
    }
    Ok(form.map_or(Form::Google, |form| form.form()))
}

fn flat(
    row: &Row,
    units: &[Nanoseconds],
    form: &mut dyn Flat,
    sink: &mut Sink<'_>,
    line: u64,
) -> Result<(), Error> {
    let texts: Vec<Option<std::borrow::Cow<'_, str>>> = row
        .get_column_iter()
        .zip(units)
        .map(|((_, field), unit)| cell::text(field, *unit))
        .collect();
    let some = |text: &&str| !text.is_empty();
    let cells: Vec<Option<&str>> = texts.iter().map(|t| t.as_deref().filter(some)).collect();
    let taken = form.lines(Cells(&cells), sink.rows());
    sink.take(line, taken, || joined(&cells))
}

/// A row as it is shown to people.
fn joined(cells: &[Option<&str>]) -> String {
    let cells = cells.iter().map(|cell| cell.unwrap_or(""));
    cells.collect::<Vec<_>>().join(",")
}

fn unit(field: &Type) -> Nanoseconds {
    match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(kind)) if kind.unit == TimeUnit::NANOS => Nanoseconds::Yes,
        _ => Nanoseconds::No,
    }
}

/// Refuses columns whose type no cell of a bill can have.
fn check_type(path: &Path, field: &Type) -> Result<(), Error> {
    let name = field.name();
    let number = Column::named(name).is_some_and(|column| column.kind() == Kind::Decimal);
    let instant = Column::named(name).is_some_and(|column| column.kind() == Kind::Time);
    let wrong = |kind: String| {
        let what = format!("its column `{name}` has the type {kind}, which no bill has there");
        Err(Error::unreadable(path, None, what))
    };
    if field.is_group() {
        let is_map = matches!(
            field.get_basic_info().converted_type(),
            ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE
        );
        return if number || instant || !is_map {
            wrong("group".to_owned())
        } else {
            Ok(())
        };
    }
    let (physical, converted) = (
        field.get_physical_type(),
        field.get_basic_info().converted_type(),
    );
    let text = physical == Physical::BYTE_ARRAY
        && matches!(
            converted,
            ConvertedType::UTF8 | ConvertedType::NONE | ConvertedType::JSON | ConvertedType::ENUM
        );
    let temporal = physical == Physical::INT96
        || converted == ConvertedType::DATE
        || matches!(
            field.get_basic_info().logical_type_ref(),
            Some(LogicalType::Timestamp(_))
        )
        || matches!(
            converted,
            ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS
        );
    let numeric = converted == ConvertedType::DECIMAL
        || (!temporal
            && physical != Physical::BOOLEAN
            && !matches!(
                physical,
                Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY
            )
            && !matches!(
                converted,
                ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS
            ));
    let fits = if number {
        text || numeric
    } else if instant {
        text || temporal
    } else {
        text || numeric || temporal || physical == Physical::BOOLEAN
    };
    if fits {
        Ok(())
    } else {
        wrong(format!("{physical} ({converted})"))
    }
}
