//! Times as the protocols write them.

use domain::Timestamp;
use serde::{Serialize, Serializer};

/// Seconds since 1970 with milliseconds behind the point, as the JSON protocols write times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(pub(crate) Timestamp);

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = self.0.0;
        if millis % 1_000 == 0 {
            serializer.serialize_i64(millis / 1_000)
        } else {
            serializer.serialize_f64(millis as f64 / 1_000.0)
        }
    }
}

/// `2026-11-27T04:30:26Z`, as the query protocol writes times.
pub(crate) fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0 - at.0.rem_euclid(1_000))
        .map_or_else(|_| String::new(), |at| at.to_string())
}

/// Reads `20261127T043026Z`, the form of `X-Amz-Date`.
pub(crate) fn basic(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_exact() {
        let at = Timestamp(1_795_408_226_120);
        assert_eq!(serde_json::to_string(&Epoch(at)).unwrap(), "1795408226.12");
        assert_eq!(iso(at), "2026-11-23T04:30:26Z");
        assert_eq!(
            basic("20261123T043026Z"),
            Some(Timestamp(1_795_408_226_000))
        );
        assert_eq!(basic("2026-11-23"), None);
    }
}
