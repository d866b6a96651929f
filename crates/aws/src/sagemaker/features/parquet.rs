//! Rows of an offline store as one Parquet file: a column a feature, and three that SageMaker
//! adds.

use super::group::{Definition, FeatureType};
use super::offline::Row;
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;
use domain::Timestamp;
use std::sync::Arc;

/// The file of some rows; `written` is when they are.
pub(super) fn file(
    definition: &Definition,
    rows: &[Row],
    written: Timestamp,
) -> Result<Vec<u8>, ParquetError> {
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("tradewind".to_owned())
        .build();
    let schema = Arc::new(schema(definition)?);
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for feature in &definition.features {
        let texts = || rows.iter().map(|row| text(row, &feature.name));
        match feature.kind {
            FeatureType::Integral => {
                let values = texts().map(|text| text.and_then(|text| text.parse().ok()));
                column::<Int64Type>(&mut group, values.collect())?;
            }
            FeatureType::Fractional => {
                let values = texts().map(|text| text.and_then(|text| text.parse().ok()));
                column::<DoubleType>(&mut group, values.collect())?;
            }
            FeatureType::String => {
                let values = texts().map(|text| text.map(ByteArray::from));
                column::<ByteArrayType>(&mut group, values.collect())?;
            }
        }
    }
    let stamps = rows.iter().map(|_| Some(written.0)).collect();
    column::<Int64Type>(&mut group, stamps)?;
    let stamps = rows.iter().map(|row| Some(row.invoked.0)).collect();
    column::<Int64Type>(&mut group, stamps)?;
    column::<BoolType>(
        &mut group,
        rows.iter().map(|row| Some(row.deleted)).collect(),
    )?;
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    let found = row.record.iter().find(|value| value.name == name)?;
    found.text.as_deref()
}

fn schema(definition: &Definition) -> Result<Type, ParquetError> {
    let mut fields = Vec::new();
    for feature in &definition.features {
        let (physical, logical) = match feature.kind {
            FeatureType::Integral => (Physical::INT64, None),
            FeatureType::Fractional => (Physical::DOUBLE, None),
            FeatureType::String => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        fields.push(field(&feature.name, physical, logical)?);
    }
    let time = || Some(LogicalType::timestamp(true, TimeUnit::MILLIS));
    fields.push(field("write_time", Physical::INT64, time())?);
    fields.push(field("api_invocation_time", Physical::INT64, time())?);
    fields.push(field("is_deleted", Physical::BOOLEAN, None)?);
    Type::group_type_builder("record")
        .with_fields(fields)
        .build()
}

fn field(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
) -> Result<Arc<Type>, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    builder.build().map(Arc::new)
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: Vec<Option<T::T>>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema ends early".to_owned()));
    };
    let levels: Vec<i16> = values
        .iter()
        .map(|value| i16::from(value.is_some()))
        .collect();
    let values: Vec<T::T> = values.into_iter().flatten().collect();
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)?;
    column.close()
}
