//! Predictions into bodies, byte for byte as the Python worker writes them
//! (`python/worker/tradewind_worker/codecs`).

use super::media::Writable;
use predictors::Prediction;
use std::fmt::Write;

/// The body; none where Python's own form is not repeated here.
pub(super) fn encode(prediction: &Prediction<'_>, to: Writable) -> Option<Vec<u8>> {
    match to {
        Writable::Json => Some(json(prediction).into_bytes()),
        Writable::Csv => csv(prediction).map(String::into_bytes),
        Writable::Npy => npy(prediction),
    }
}

/// The Open Inference Protocol's name for numpy's name of a type.
pub(super) fn datatype(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "bool" => "BOOL",
        "uint8" => "UINT8",
        "uint16" => "UINT16",
        "uint32" => "UINT32",
        "uint64" => "UINT64",
        "int8" => "INT8",
        "int16" => "INT16",
        "int32" => "INT32",
        "int64" => "INT64",
        "float16" => "FP16",
        "float32" => "FP32",
        "float64" => "FP64",
        _ => return None,
    })
}

/// numpy's name of the predictions' type.
pub(super) fn kind<'a>(prediction: &Prediction<'a>) -> &'a str {
    match prediction {
        Prediction::Ints(_, kind) | Prediction::Floats(_, kind) | Prediction::Texts(_, kind) => {
            kind
        }
        Prediction::Bools(_) => "bool",
    }
}

fn json(prediction: &Prediction<'_>) -> String {
    match prediction {
        Prediction::Ints(values, _) => list(values, ",", |value, text| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{value}");
        }),
        Prediction::Texts(values, _) => list(values, ",", |value, text| quote(value, text)),
        Prediction::Bools(values) => list(values, ",", |value, text| {
            text.push_str(if *value { "true" } else { "false" });
        }),
        // Where a number has no JSON, Python writes the whole again with its usual spaces.
        Prediction::Floats(values, _) => {
            let spaced = values.iter().any(|value| !value.is_finite());
            list(values, if spaced { ", " } else { "," }, |value, text| {
                if value.is_finite() {
                    number(*value, text);
                } else {
                    text.push_str("null");
                }
            })
        }
    }
}

fn list<T>(values: &[T], between: &str, write: impl Fn(&T, &mut String)) -> String {
    let mut text = String::with_capacity(20 + values.len() * 8);
    text.push_str("{\"predictions\":");
    text.push_str(if between.len() > 1 { " [" } else { "[" });
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        write(value, &mut text);
    }
    text.push_str("]}");
    text
}

/// A text as Python's `json` quotes it: ASCII only.
fn quote(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='\u{7e}' => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text.push('"');
}

/// A finite number as Python's `repr` writes it: the shortest digits that mean it, with an exponent
/// below 1e-4 and from 1e16 on.
fn number(value: f64, text: &mut String) {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let start = text.len();
        let _ = write!(text, "{value}");
        if !text[start..].contains('.') {
            text.push_str(".0");
        }
        return;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let _ = write!(text, "{mantissa}e{sign}{:02}", exponent.abs());
}

fn csv(prediction: &Prediction<'_>) -> Option<String> {
    let mut text = String::new();
    match prediction {
        Prediction::Ints(values, _) => {
            for value in values {
                let _ = writeln!(text, "{value}");
            }
        }
        Prediction::Floats(values, _) => {
            for value in values {
                match value {
                    value if value.is_finite() => number(*value, &mut text),
                    value if value.is_nan() => text.push_str("nan"),
                    value if *value > 0.0 => text.push_str("inf"),
                    _ => text.push_str("-inf"),
                }
                text.push('\n');
            }
        }
        Prediction::Bools(values) => {
            for value in values {
                text.push_str(if *value { "True\n" } else { "False\n" });
            }
        }
        Prediction::Texts(values, _) => {
            for value in values {
                // Quoting is left to Python.
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_. :/".contains(&byte);
                if value.is_empty() || !value.bytes().all(plain) {
                    return None;
                }
                text.push_str(value);
                text.push('\n');
            }
        }
    }
    Some(text)
}

fn npy(prediction: &Prediction<'_>) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let (kind, count) = match prediction {
        Prediction::Ints(values, kind) => {
            for value in values {
                match *kind {
                    "int64" => data.extend(value.to_le_bytes()),
                    "int32" => data.extend(i32::try_from(*value).ok()?.to_le_bytes()),
                    "uint8" => data.push(u8::try_from(*value).ok()?),
                    _ => return None,
                }
            }
            let kind = match *kind {
                "int64" => "<i8",
                "int32" => "<i4",
                _ => "|u1",
            };
            (kind, values.len())
        }
        Prediction::Bools(values) => {
            data.extend(values.iter().map(|value| u8::from(*value)));
            ("|b1", values.len())
        }
        Prediction::Floats(values, "float64") => {
            data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            ("<f8", values.len())
        }
        Prediction::Floats(values, "float32") => {
            data.extend(
                values
                    .iter()
                    .flat_map(|value| (*value as f32).to_le_bytes()),
            );
            ("<f4", values.len())
        }
        _ => return None,
    };
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({count},), }}");
    // numpy leaves room for the first dimension to grow to 21 digits, then fills up to 64 bytes.
    let room = 21_usize.saturating_sub(count.to_string().len());
    let length = (10 + header.len() + room + 1).next_multiple_of(64);
    let mut body = b"\x93NUMPY\x01\x00".to_vec();
    body.extend(u16::try_from(length - 10).ok()?.to_le_bytes());
    body.extend(header.as_bytes());
    body.resize(length - 1, b' ');
    body.push(b'\n');
    body.extend(data);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        for (value, wanted) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (123_456_789.125, "123456789.125"),
        ] {
            let mut text = String::new();
            number(value, &mut text);
            assert_eq!(text, wanted);
        }
        let floats = Prediction::Floats(vec![f64::NAN, 1.5], "float64");
        assert_eq!(json(&floats), "{\"predictions\": [null, 1.5]}");
        let texts = Prediction::Texts(vec!["a\"", "é\u{1f600}\u{7f}"], "object");
        assert_eq!(
            json(&texts),
            r#"{"predictions":["a\"","\u00e9\ud83d\ude00\u007f"]}"#
        );
    }
}
