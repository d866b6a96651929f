//! The elements of tensors: in fields by their type, and as bytes in row-major order, little-endian,
//! texts each after its length in four bytes.

use super::GrpcError;
use super::wire::{Reader, Writer};
use crate::oip::Datatype;
use serde_json::{Number, Value};

/// `InferTensorContents`.
#[derive(Default)]
pub(super) struct Contents<'a> {
    truths: Vec<u64>,
    small: Vec<u64>,
    large: Vec<u64>,
    unsigned: Vec<u64>,
    large_unsigned: Vec<u64>,
    floats: Vec<f64>,
    doubles: Vec<f64>,
    texts: Vec<&'a [u8]>,
}

impl<'a> Contents<'a> {
    /// Adds the elements of a message.
    pub(super) fn read(&mut self, message: &'a [u8]) -> Result<(), GrpcError> {
        let mut reader = Reader::new(message);
        while let Some((number, field)) = reader.next()? {
            match number {
                1 => field.integers(&mut self.truths)?,
                2 => field.integers(&mut self.small)?,
                3 => field.integers(&mut self.large)?,
                4 => field.integers(&mut self.unsigned)?,
                5 => field.integers(&mut self.large_unsigned)?,
                6 => field.floats(&mut self.floats)?,
                7 => field.doubles(&mut self.doubles)?,
                8 => self.texts.push(field.bytes()?),
                _ => {}
            }
        }
        Ok(())
    }

    /// The elements of the field that this type's are in.
    pub(super) fn elements(self, datatype: Datatype) -> Result<Vec<Value>, String> {
        let signed =
            |values: Vec<u64>| values.into_iter().map(|v| v.cast_signed().into()).collect();
        let unsigned = |values: Vec<u64>| values.into_iter().map(Value::from).collect();
        let real = |values: Vec<f64>| values.into_iter().map(number).collect();
        Ok(match datatype {
            Datatype::Bool => self
                .truths
                .into_iter()
                .map(|v| Value::Bool(v != 0))
                .collect(),
            Datatype::Int8 | Datatype::Int16 | Datatype::Int32 => signed(self.small),
            Datatype::Int64 => signed(self.large),
            Datatype::Uint8 | Datatype::Uint16 | Datatype::Uint32 => unsigned(self.unsigned),
            Datatype::Uint64 => unsigned(self.large_unsigned),
            Datatype::Fp32 => real(self.floats),
            Datatype::Fp64 => real(self.doubles),
            Datatype::Bytes => return self.texts.into_iter().map(text).collect(),
            // The protocol has no field for it.
            Datatype::Fp16 => return Err("FP16 travels in raw contents only".to_owned()),
        })
    }
}

/// A number; NaN and the infinities are null, which JSON has in their place.
fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8".to_owned())?;
    Ok(Value::from(text))
}

/// The elements of raw contents.
pub(super) fn raw(datatype: Datatype, bytes: &[u8]) -> Result<Vec<Value>, String> {
    match datatype {
        Datatype::Bool => Ok(bytes.iter().map(|byte| Value::Bool(*byte != 0)).collect()),
        Datatype::Uint8 => Ok(bytes.iter().map(|byte| Value::from(*byte)).collect()),
        Datatype::Int8 => Ok(bytes
            .iter()
            .map(|byte| Value::from(byte.cast_signed()))
            .collect()),
        Datatype::Uint16 => each(bytes, |two| u16::from_le_bytes(two).into()),
        Datatype::Int16 => each(bytes, |two| i16::from_le_bytes(two).into()),
        Datatype::Uint32 => each(bytes, |four| u32::from_le_bytes(four).into()),
        Datatype::Int32 => each(bytes, |four| i32::from_le_bytes(four).into()),
        Datatype::Uint64 => each(bytes, |eight| u64::from_le_bytes(eight).into()),
        Datatype::Int64 => each(bytes, |eight| i64::from_le_bytes(eight).into()),
        Datatype::Fp16 => each(bytes, |two| number(half(u16::from_le_bytes(two)))),
        Datatype::Fp32 => each(bytes, |four| number(f32::from_le_bytes(four).into())),
        Datatype::Fp64 => each(bytes, |eight| number(f64::from_le_bytes(eight))),
        Datatype::Bytes => texts(bytes),
    }
}

fn each<const N: usize>(
    bytes: &[u8],
    read: impl Fn([u8; N]) -> Value,
) -> Result<Vec<Value>, String> {
    let (elements, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(format!("{} bytes are no multiple of {N}", bytes.len()));
    }
    Ok(elements.iter().map(|element| read(*element)).collect())
}

fn texts(mut bytes: &[u8]) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let ends = || "the raw contents end in the middle of a text".to_owned();
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(ends)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (one, rest) = rest.split_at_checked(length).ok_or_else(ends)?;
        found.push(text(one)?);
        bytes = rest;
    }
    Ok(found)
}

/// IEEE 754's half precision.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2_f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction) * 2_f64.powi(exponent - 15),
    }
}

/// Writes elements of an answer in the field of their type.
pub(super) fn typed(datatype: Datatype, data: &[Value]) -> Vec<u8> {
    let mut writer = Writer::default();
    let integers = || data.iter().map(integer).collect::<Vec<i64>>();
    match datatype {
        Datatype::Bool => writer.integers(1, &integers()),
        Datatype::Int8 | Datatype::Int16 | Datatype::Int32 => writer.integers(2, &integers()),
        Datatype::Int64 => writer.integers(3, &integers()),
        Datatype::Uint8 | Datatype::Uint16 | Datatype::Uint32 => writer.integers(4, &integers()),
        Datatype::Uint64 => writer.integers(5, &integers()),
        Datatype::Fp16 | Datatype::Fp32 => writer.bytes(6, &floats(data)),
        Datatype::Fp64 => writer.bytes(7, &doubles(data)),
        Datatype::Bytes => {
            for text in data {
                writer.bytes(8, text.as_str().unwrap_or_default().as_bytes());
            }
        }
    }
    writer.message
}

/// Writes elements of an answer as bytes.
pub(super) fn bytes(datatype: Datatype, data: &[Value]) -> Vec<u8> {
    let integers = |width: usize| {
        let wide = data.iter().map(|element| integer(element).to_le_bytes());
        wide.flat_map(|eight| eight.into_iter().take(width))
            .collect()
    };
    match datatype {
        Datatype::Bool | Datatype::Int8 | Datatype::Uint8 => integers(1),
        Datatype::Int16 | Datatype::Uint16 => integers(2),
        Datatype::Int32 | Datatype::Uint32 => integers(4),
        Datatype::Int64 | Datatype::Uint64 => integers(8),
        Datatype::Fp16 | Datatype::Fp32 => floats(data),
        Datatype::Fp64 => doubles(data),
        Datatype::Bytes => data
            .iter()
            .flat_map(|text| {
                let text = text.as_str().unwrap_or_default().as_bytes();
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
                length.into_iter().chain(text.iter().copied())
            })
            .collect(),
    }
}

/// Integers in two's complement, truth values as 1 and 0.
fn integer(value: &Value) -> i64 {
    let wide = value.as_i64().or(value.as_u64().map(u64::cast_signed));
    wide.unwrap_or_else(|| i64::from(value.as_bool().unwrap_or(false)))
}

fn real(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn floats(data: &[Value]) -> Vec<u8> {
    data.iter()
        .flat_map(|value| (real(value) as f32).to_le_bytes())
        .collect()
}

fn doubles(data: &[Value]) -> Vec<u8> {
    data.iter()
        .flat_map(|value| real(value).to_le_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read_as_they_are_written() {
        let cases = [
            (Datatype::Bool, json!([true, false])),
            (Datatype::Int8, json!([-128, 127])),
            (Datatype::Int32, json!([-1, 2_147_483_647])),
            (Datatype::Int64, json!([i64::MIN, i64::MAX])),
            (Datatype::Uint16, json!([0, 65_535])),
            (Datatype::Uint64, json!([u64::MAX, 1])),
            (Datatype::Fp32, json!([0.5, null])),
            (Datatype::Fp64, json!([0.1, -1e300])),
            (Datatype::Bytes, json!(["", "ä", "b"])),
        ];
        for (datatype, data) in cases {
            let data = data.as_array().unwrap();
            assert_eq!(
                &raw(datatype, &bytes(datatype, data)).unwrap(),
                data,
                "{datatype:?}"
            );
            let message = typed(datatype, data);
            let mut contents = Contents::default();
            contents.read(&message).unwrap();
            assert_eq!(&contents.elements(datatype).unwrap(), data, "{datatype:?}");
        }
        assert!(raw(Datatype::Fp64, &[0; 9]).is_err());
        assert!(raw(Datatype::Bytes, &[9, 0, 0, 0, b'x']).is_err());
        assert!(raw(Datatype::Bytes, &[1, 0, 0]).is_err());
        assert!(Contents::default().elements(Datatype::Fp16).is_err());
    }

    #[test]
    fn halves_are_those_of_the_standard() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (1, 2_f64.powi(-24)),
        ] {
            assert_eq!(half(bits).to_bits(), f64::to_bits(value));
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f64::NEG_INFINITY);
        assert_eq!(raw(Datatype::Fp16, &[0, 0x7e]).unwrap(), [Value::Null]);
    }
}
