//! FOCUS as Parquet: one row group a block.

use super::failed;
use crate::Error;
use crate::focus::{Column, Kind};
use crate::ledger::Snapshot;
use crate::lines::Cells;
use crate::segment::{BlockAt, Segment};
use ::parquet::basic::{
    Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical,
};
use ::parquet::data_type::{
    ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

pub(super) fn write(
    snapshot: &Snapshot,
    columns: &[Column],
    out: impl Write + Send,
) -> Result<u64, Error> {
    let fields: Result<Vec<_>, ParquetError> = columns
        .iter()
        .map(|column| field(*column).map(Arc::new))
        .collect();
    let schema = Type::group_type_builder("focus")
        .with_fields(fields.map_err(failed)?)
        .build();
    let schema = Arc::new(schema.map_err(failed)?);
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("tradewind".to_owned())
        .build();
    let mut writer =
        SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(failed)?;
    let mut lines = 0;
    for (_, segment) in &snapshot.segments {
        for block in segment.blocks() {
            let mut group = writer.next_row_group().map_err(failed)?;
            for column in columns {
                let next = group.next_column().map_err(failed)?;
                let mut next = next.ok_or_else(|| failed("the schema ends early"))?;
                put(segment, block, *column, &mut next)?;
                next.close().map_err(failed)?;
            }
            group.close().map_err(failed)?;
            lines += block.rows as u64;
        }
    }
    writer.close().map_err(failed)?;
    Ok(lines)
}

fn field(column: Column) -> Result<Type, ParquetError> {
    let name = column.name();
    let physical = match column.kind() {
        Kind::Text | Kind::Tags => Physical::BYTE_ARRAY,
        Kind::Time => Physical::INT64,
        Kind::Decimal => Physical::FIXED_LEN_BYTE_ARRAY,
    };
    let builder =
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    match column.kind() {
        Kind::Text | Kind::Tags => builder.with_logical_type(Some(LogicalType::String)).build(),
        Kind::Time => {
            let utc = LogicalType::timestamp(true, TimeUnit::MILLIS);
            builder.with_logical_type(Some(utc)).build()
        }
        Kind::Decimal => builder
            .with_length(16)
            .with_converted_type(ConvertedType::DECIMAL)
            .with_precision(38)
            .with_scale(18)
            .build(),
    }
}

fn put(
    segment: &Segment,
    block: &BlockAt,
    column: Column,
    writer: &mut SerializedColumnWriter<'_>,
) -> Result<(), Error> {
    let cells = segment.read(block, column)?.map(Cells::of);
    let levels = |given: &dyn Fn(&Cells, usize) -> bool| -> Vec<i16> {
        let level = |row| i16::from(cells.as_ref().is_some_and(|cells| given(cells, row)));
        (0..block.rows).map(level).collect()
    };
    let every = || {
        cells
            .iter()
            .flat_map(|cells| (0..block.rows).map(move |row| (cells, row)))
    };
    let written = match column.kind() {
        Kind::Text | Kind::Tags => {
            let values = every().filter_map(|(cells, row)| cells.text(row).map(ByteArray::from));
            let values: Vec<ByteArray> = values.collect();
            let levels = levels(&|cells, row| cells.text(row).is_some());
            writer
                .typed::<ByteArrayType>()
                .write_batch(&values, Some(&levels), None)
        }
        Kind::Time => {
            let values = every().filter_map(|(cells, row)| cells.time(row).map(|at| at.0));
            let values: Vec<i64> = values.collect();
            let levels = levels(&|cells, row| cells.time(row).is_some());
            writer
                .typed::<Int64Type>()
                .write_batch(&values, Some(&levels), None)
        }
        Kind::Decimal => {
            let bytes = |atoms: i128| {
                FixedLenByteArray::from(ByteArray::from(atoms.to_be_bytes().to_vec()))
            };
            let values =
                every().filter_map(|(cells, row)| cells.amount(row).map(|a| bytes(a.atoms())));
            let values: Vec<FixedLenByteArray> = values.collect();
            let levels = levels(&|cells, row| cells.amount(row).is_some());
            writer
                .typed::<FixedLenByteArrayType>()
                .write_batch(&values, Some(&levels), None)
        }
    };
    written.map(|_| ()).map_err(failed)
}
