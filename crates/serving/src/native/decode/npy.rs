//! numpy's file format (numpy.lib.format), for plain arrays of numbers in rows.

use crate::native::table::{EXACT, Table};
use predictors::Kinds;

const MAGIC: &[u8] = b"\x93NUMPY";

pub(super) fn decode(body: &[u8]) -> Option<Table> {
    let rest = body.strip_prefix(MAGIC)?;
    let (length, rest) = match rest.get(..2)? {
        [1, 0] => (
            usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?)),
            rest.get(4..)?,
        ),
        [2, 0] => {
            let length = u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?);
            (usize::try_from(length).ok()?, rest.get(6..)?)
        }
        _ => return None,
    };
    let header = std::str::from_utf8(rest.get(..length)?).ok()?;
    let data = rest.get(length..)?;
    let (kind, rows, width) = shape(header)?;
    let single = kind == "<f4";
    let whole = !kind.contains('f');
    let numbers = numbers(kind, data)?;
    if rows == 0 || width == 0 || rows.checked_mul(width)? != numbers.len() {
        return None;
    }
    if whole && numbers.iter().any(|number| number.abs() > EXACT as f64) {
        return None;
    }
    Some(Table {
        kinds: vec![if whole { Kinds::INT } else { Kinds::FLOAT }; width],
        numbers,
        array: true,
        single,
        ..Table::default()
    })
}

/// Type, rows and columns of a header that is written as numpy writes it.
fn shape(header: &str) -> Option<(&str, usize, usize)> {
    let rest = header.strip_prefix("{'descr': '")?;
    let (kind, rest) = rest.split_once('\'')?;
    let rest = rest.strip_prefix(", 'fortran_order': False, 'shape': (")?;
    let (rows, rest) = rest.split_once(", ")?;
    let (width, rest) = rest.split_once("), }")?;
    (rest.trim().is_empty()).then_some((kind, rows.parse().ok()?, width.parse().ok()?))
}

fn numbers(kind: &str, data: &[u8]) -> Option<Vec<f64>> {
    match kind {
        "<f8" => read(data, f64::from_le_bytes),
        "<f4" => read(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "<i8" => read(data, |bytes| i64::from_le_bytes(bytes) as f64),
        "<u8" => read(data, |bytes| u64::from_le_bytes(bytes) as f64),
        "<i4" => read(data, |bytes| f64::from(i32::from_le_bytes(bytes))),
        "<u4" => read(data, |bytes| f64::from(u32::from_le_bytes(bytes))),
        "<i2" => read(data, |bytes| f64::from(i16::from_le_bytes(bytes))),
        "<u2" => read(data, |bytes| f64::from(u16::from_le_bytes(bytes))),
        "|i1" => read(data, |bytes| f64::from(i8::from_le_bytes(bytes))),
        "|u1" => read(data, |[byte]| f64::from(byte)),
        _ => None,
    }
}

/// Whole elements of `N` bytes; none when bytes are left.
fn read<const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f64) -> Option<Vec<f64>> {
    let (whole, rest) = data.as_chunks::<N>();
    rest.is_empty()
        .then(|| whole.iter().map(|bytes| number(*bytes)).collect())
}
