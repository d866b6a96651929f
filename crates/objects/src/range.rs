//! Byte ranges (RFC 9110 §14).

use crate::error::Error;
use std::ops::Range;

/// Most ranges that one header may have; more is an attack on the server's memory.
const MOST_RANGES: usize = 100;

/// One range of a `Range` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From an offset to the end.
    From(u64),
    /// From an offset up to and with another.
    FromTo(u64, u64),
    /// So many bytes at the end.
    Suffix(u64),
}

impl ByteRange {
    /// Reads `bytes=0-99`, `bytes=100-`, `bytes=-50`, or several of them with commas. `None` when
    /// the value is not of that form; such a header is to be ignored (RFC 9110 §14.2).
    pub fn parse(header: &str) -> Option<Vec<Self>> {
        let (unit, list) = header.split_once('=')?;
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        let ranges = list
            .split(',')
            .take(MOST_RANGES + 1)
            .map(|range| Self::parse_one(range.trim()))
            .collect::<Option<Vec<_>>>()?;
        (ranges.len() <= MOST_RANGES).then_some(ranges)
    }

    fn parse_one(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let number = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            // Numbers beyond 64 bits are beyond every object.
            is_number.then(|| digits.parse().unwrap_or(u64::MAX))
        };
        match (first, last) {
            ("", last) => number(last).map(Self::Suffix),
            (first, "") => number(first).map(Self::From),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::FromTo(first, last))
            }
        }
    }

    /// The offsets in an object of that length.
    pub fn of(self, bytes: u64) -> Result<Range<u64>, Error> {
        let range = match self {
            Self::From(first) => first..bytes,
            Self::FromTo(first, last) => first..last.saturating_add(1).min(bytes),
            Self::Suffix(0) => return Err(Error::InvalidRange { bytes }),
            Self::Suffix(count) => bytes.saturating_sub(count)..bytes,
        };
        if range.start >= range.end {
            return Err(Error::InvalidRange { bytes });
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        use ByteRange::{From, FromTo, Suffix};
        for (header, expected) in [
            ("bytes=0-0", Some(vec![FromTo(0, 0)])),
            ("bytes=5-", Some(vec![From(5)])),
            ("bytes=-5", Some(vec![Suffix(5)])),
            (
                "BYTES=0-1, 4-5,-1",
                Some(vec![FromTo(0, 1), FromTo(4, 5), Suffix(1)]),
            ),
            (
                "bytes=0-99999999999999999999999",
                Some(vec![FromTo(0, u64::MAX)]),
            ),
            ("bytes=5-4", None),
            ("bytes=", None),
            ("bytes=-", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("lines=0-1", None),
            ("0-1", None),
        ] {
            assert_eq!(ByteRange::parse(header), expected, "{header}");
        }
        assert_eq!(
            ByteRange::parse(&format!("bytes=0-0{}", ",0-0".repeat(1_000))),
            None
        );
    }

    #[test]
    fn edges() {
        for (range, bytes, expected) in [
            (ByteRange::FromTo(0, 0), 1, Some(0..1)),
            (ByteRange::FromTo(0, u64::MAX), 10, Some(0..10)),
            (ByteRange::From(9), 10, Some(9..10)),
            (ByteRange::From(10), 10, None),
            (ByteRange::Suffix(3), 10, Some(7..10)),
            (ByteRange::Suffix(30), 10, Some(0..10)),
            (ByteRange::Suffix(0), 10, None),
            (ByteRange::Suffix(1), 0, None),
            (ByteRange::From(0), 0, None),
        ] {
            assert_eq!(range.of(bytes).ok(), expected, "{range:?} of {bytes}");
        }
    }
}
