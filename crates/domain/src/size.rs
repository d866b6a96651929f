//! Sizes in bytes, read and printed with binary units.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A number of bytes.
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
pub struct ByteSize(pub u64);

const UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("KB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// From whole mebibytes.
    pub const fn mebibytes(n: u64) -> Self {
        Self(n << 20)
    }

    /// From whole gibibytes.
    pub const fn gibibytes(n: u64) -> Self {
        Self(n << 30)
    }

    /// Reads `512MiB`, `16 GiB`, `1.5TB`, or a bare number of bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(bytes) = text.parse() {
            return Some(Self(bytes));
        }
        let (number, unit) = UNITS
            .iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?.trim(), *unit)))?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let mut total = u128::from(whole) * u128::from(unit);
        if !fraction.is_empty() {
            let part: u64 = fraction.parse().ok()?;
            total += u128::from(part) * u128::from(unit) / 10_u128.pow(fraction.len() as u32);
        }
        u64::try_from(total).ok().map(Self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (suffix, unit) in &UNITS[..4] {
            if self.0 >= *unit {
                let tenths = u128::from(self.0) * 10 / u128::from(*unit);
                return if tenths.is_multiple_of(10) {
                    write!(f, "{} {suffix}", tenths / 10)
                } else {
                    write!(f, "{}.{} {suffix}", tenths / 10, tenths % 10)
                };
            }
        }
        write!(f, "{} B", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units() {
        assert_eq!(ByteSize::parse("16GiB"), Some(ByteSize::gibibytes(16)));
        assert_eq!(ByteSize::parse("1.5 KiB"), Some(ByteSize(1536)));
        assert_eq!(ByteSize::parse("100MB"), Some(ByteSize(100_000_000)));
        for bad in [
            "",
            "GiB",
            "-1",
            "1e3",
            "1.GiBs",
            "99999999999TiB",
            "1.+5GiB",
        ] {
            assert_eq!(ByteSize::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn prints_back() {
        assert_eq!(ByteSize(1536).to_string(), "1.5 KiB");
        assert_eq!(ByteSize::gibibytes(16).to_string(), "16 GiB");
    }
}
