//! Instants and lengths of time in milliseconds, the resolution of everything that is stored.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds since the Unix epoch, UTC.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in milliseconds; negative only as the difference of two instants.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Timestamp {
    /// The time that passed since `earlier`; negative when the clock went back.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From whole milliseconds.
    pub const fn milliseconds(n: i64) -> Self {
        Self(n)
    }

    /// From whole seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }

    /// From whole minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    /// From whole hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    /// As the standard library's duration; negative becomes zero.
    pub fn to_std(self) -> Duration {
        Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }

    /// Twice this, bounded.
    pub fn doubled(self, most: Self) -> Self {
        Self(self.0.saturating_mul(2)).min(most)
    }

    /// Reads `250ms`, `90s`, `10m`, `2h`, `3d`, or several of them together as in `1h30m`; a bare
    /// number is seconds.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Some(Self::seconds(i64::from(seconds)));
        }
        let mut total: i64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: i64 = rest[..digits].parse().ok()?;
            let tail = &rest[digits..];
            let end = tail
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(tail.len());
            let unit: i64 = match tail[..end].trim() {
                "ms" => 1,
                "s" => 1_000,
                "m" | "min" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return None,
            };
            total = total.checked_add(number.checked_mul(unit)?)?;
            rest = &tail[end..];
        }
        (!text.is_empty()).then_some(Self(total))
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0;
        if ms < 0 {
            return write!(f, "-{}", Self(ms.saturating_neg()));
        }
        match ms {
            0..1_000 => write!(f, "{ms}ms"),
            1_000..60_000 if ms % 1_000 == 0 => write!(f, "{}s", ms / 1_000),
            1_000..60_000 => write!(f, "{}.{}s", ms / 1_000, ms % 1_000 / 100),
            60_000..3_600_000 if ms / 1_000 % 60 == 0 => write!(f, "{}m", ms / 60_000),
            60_000..3_600_000 => write!(f, "{}m{:02}s", ms / 60_000, ms / 1_000 % 60),
            _ if ms / 60_000 % 60 == 0 => write!(f, "{}h", ms / 3_600_000),
            _ => write!(f, "{}h{:02}m", ms / 3_600_000, ms / 60_000 % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, ms) in [
            ("10m", 600_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("90", 90_000),
        ] {
            assert_eq!(Span::parse(text), Some(Span(ms)), "{text}");
        }
        for bad in ["", "h", "10x", "1.5h", "-3s", "99999999999999999999s"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_print_shortly() {
        assert_eq!(Span(1_250).to_string(), "1.2s");
        assert_eq!(Span(5_400_000).to_string(), "1h30m");
        assert_eq!(Span(61_000).to_string(), "1m01s");
    }
}
