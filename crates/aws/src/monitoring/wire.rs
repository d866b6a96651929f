//! Members as the three protocols send them: numbers may be texts, and times numbers or ISO 8601.

use domain::Timestamp;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A number that may be a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite());
        number.map(Self).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Other("what is no finite number"), &"a number")
        })
    }
}

/// A whole number that may be a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Whole(pub(super) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Number(number) = Number::deserialize(deserializer)?;
        if number.fract() == 0.0 && number.abs() < 9e15 {
            return Ok(Self(number as i64));
        }
        Err(D::Error::invalid_value(
            Unexpected::Float(number),
            &"a whole number",
        ))
    }
}

/// A truth that may be a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Truth(pub(super) bool);

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(truth) => Ok(Self(truth)),
            Value::String(text) if text == "true" => Ok(Self(true)),
            Value::String(text) if text == "false" => Ok(Self(false)),
            _ => Err(D::Error::custom("a member is neither true nor false")),
        }
    }
}

/// A time: seconds since 1970 or ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let millis = match &value {
            Value::Number(number) => number.as_f64().map(|seconds| seconds * 1_000.0),
            Value::String(text) => match text.parse::<f64>() {
                Ok(seconds) => Some(seconds * 1_000.0),
                Err(_) => text
                    .parse::<jiff::Timestamp>()
                    .ok()
                    .map(|at| at.as_millisecond() as f64),
            },
            _ => None,
        };
        // Far from what overflows, and beyond all that is stored.
        let millis = millis.filter(|millis| millis.abs() < 1e14);
        millis
            .map(|millis| Self(Timestamp(millis.round() as i64)))
            .ok_or_else(|| D::Error::custom("a member is not a time"))
    }
}

/// A name and a value that tell metrics of one name apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) value: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn all_forms_are_read() {
        for value in [json!(1.5), json!("1.5")] {
            assert_eq!(from_value::<Number>(value).unwrap(), Number(1.5));
        }
        assert!(from_value::<Number>(json!("NaN")).is_err());
        assert!(from_value::<Whole>(json!("1.5")).is_err());
        let at = Time(Timestamp(1_795_408_226_000));
        for value in [json!(1_795_408_226), json!("2026-11-23T04:30:26Z")] {
            assert_eq!(from_value::<Time>(value).unwrap(), at);
        }
        assert!(from_value::<Time>(json!(1e300)).is_err());
    }
}
