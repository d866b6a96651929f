//! Event times: ISO 8601 texts or seconds since 1970, and how long a record lives.

use crate::fault::Fault;
use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment(pub(crate) i64);

/// Nanoseconds of a second.
const SECOND: f64 = 1e9;

impl Moment {
    /// Reads an event time; `text` is of a feature of that type.
    pub(crate) fn read(text: &str, fractional: bool) -> Option<Self> {
        if fractional {
            let seconds: f64 = text.parse().ok()?;
            // Whole seconds and their fraction are scaled apart, so that neither loses digits.
            let whole = seconds.floor();
            let good = seconds.is_finite() && (0.0..9e9).contains(&whole);
            let nanos = ((seconds - whole) * SECOND).round() as i64;
            return good.then(|| Self(whole as i64 * 1_000_000_000 + nanos));
        }
        let at: jiff::Timestamp = text.parse().ok()?;
        Some(Self(i64::try_from(at.as_nanosecond()).ok()?))
    }

    /// In milliseconds.
    pub(crate) fn millis(self) -> Timestamp {
        Timestamp(self.0.div_euclid(1_000_000))
    }
}

/// `TtlDuration`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Life {
    unit: Unit,
    value: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl Life {
    /// When a record of an event time is gone.
    pub(crate) fn after(&self, event: Moment) -> Result<Timestamp, Fault> {
        let unit: i64 = match self.unit {
            Unit::Seconds => 1_000,
            Unit::Minutes => 60_000,
            Unit::Hours => 3_600_000,
            Unit::Days => 86_400_000,
            Unit::Weeks => 604_800_000,
        };
        let end = self.value.checked_mul(unit).filter(|life| *life > 0);
        let end = end.and_then(|life| event.millis().0.checked_add(life));
        end.map(Timestamp).ok_or_else(|| {
            Fault::new(
                "ValidationError",
                "the TtlDuration is not one that can be counted",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_moments() {
        let iso = Moment::read("2026-11-27T05:00:00.250Z", false).unwrap();
        let seconds = Moment::read("1795755600.25", true).unwrap();
        assert_eq!(iso, seconds);
        assert_eq!(iso.millis(), Timestamp(1_795_755_600_250));
        for bad in ["", "nan", "-1", "1e300", "yesterday"] {
            assert!(Moment::read(bad, true).is_none(), "{bad}");
            assert!(Moment::read(bad, false).is_none(), "{bad}");
        }
    }
}
