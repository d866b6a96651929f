//! Cells of Parquet records as the texts and JSON that bills are read from.

use ::parquet::data_type::Decimal;
use ::parquet::record::{Field, Row};
use domain::Timestamp;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Whether whole numbers of a column count nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nanoseconds {
    /// They do.
    Yes,
    /// They are numbers.
    No,
}

/// One cell as text; `None` when null.
pub(super) fn text(field: &Field, unit: Nanoseconds) -> Option<Cow<'_, str>> {
    Some(match field {
        Field::Null => return None,
        Field::Str(text) => Cow::Borrowed(text),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()),
        Field::Long(nanos) if unit == Nanoseconds::Yes => instant(nanos.div_euclid(1_000_000)),
        Field::Bool(value) => value.to_string().into(),
        Field::Byte(value) => value.to_string().into(),
        Field::Short(value) => value.to_string().into(),
        Field::Int(value) | Field::TimeMillis(value) => value.to_string().into(),
        Field::Long(value) | Field::TimeMicros(value) => value.to_string().into(),
        Field::UByte(value) => value.to_string().into(),
        Field::UShort(value) => value.to_string().into(),
        Field::UInt(value) => value.to_string().into(),
        Field::ULong(value) => value.to_string().into(),
        Field::Float16(value) => value.to_string().into(),
        Field::Float(value) => value.to_string().into(),
        Field::Double(value) => value.to_string().into(),
        Field::Decimal(value) => decimal(value).into(),
        Field::Date(days) => instant(i64::from(*days) * 86_400_000),
        Field::TimestampMillis(millis) => instant(*millis),
        Field::TimestampMicros(micros) => instant(micros.div_euclid(1_000)),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => {
            value(field).to_string().into()
        }
    })
}

fn instant(millis: i64) -> Cow<'static, str> {
    crate::instant::write(Timestamp(millis)).into()
}

/// A row as JSON.
pub(super) fn object(row: &Row) -> Value {
    let cells = row.get_column_iter();
    Value::Object(
        cells
            .map(|(name, field)| (name.clone(), value(field)))
            .collect(),
    )
}

fn value(field: &Field) -> Value {
    match field {
        Field::Group(row) => object(row),
        Field::ListInternal(list) => Value::Array(list.elements().iter().map(value).collect()),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            let entries = entries.filter_map(|(key, item)| {
                Some((text(key, Nanoseconds::No)?.into_owned(), value(item)))
            });
            Value::Object(entries.collect::<Map<String, Value>>())
        }
        other => {
            text(other, Nanoseconds::No).map_or(Value::Null, |t| Value::String(t.into_owned()))
        }
    }
}

/// The digits of a decimal of up to 38 digits, big-endian two's complement.
fn decimal(decimal: &Decimal) -> String {
    let bytes = decimal.data();
    if bytes.len() > 16 {
        return format!("a decimal of {} bytes", bytes.len());
    }
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1_i128 } else { 0 };
    let number = bytes
        .iter()
        .fold(start, |number, byte| (number << 8) | i128::from(*byte));
    point(number, usize::try_from(decimal.scale()).unwrap_or(0))
}

fn point(value: i128, scale: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::data_type::ByteArray;

    #[test]
    fn decimals_are_written_with_their_point() {
        assert_eq!(point(-5, 3), "-0.005");
        assert_eq!(point(12_345, 2), "123.45");
        assert_eq!(decimal(&Decimal::from_i64(-1_250, 18, 2)), "-12.50");
        let bytes = ByteArray::from(vec![0xff, 0x38]);
        assert_eq!(decimal(&Decimal::from_bytes(bytes, 38, 1)), "-20.0");
    }
}
