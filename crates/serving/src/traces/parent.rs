//! The trace that a caller says its request belongs to (W3C Trace Context, Level 1, `traceparent`).

use http::HeaderMap;
use std::hash::{BuildHasher, Hasher, RandomState};

/// What a caller said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// Two hexadecimal digits.
    pub flags: String,
}

impl Parent {
    /// Of a request's headers; a value that is none is as none at all, as the recommendation says.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent").iter();
        let (value, None) = (values.next()?, values.next()) else {
            return None;
        };
        Self::read(value.to_str().ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let mut part = |digits: usize| {
            let part = parts.next()?;
            let sound = part.len() == digits
                && part
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            sound.then(|| part.to_owned())
        };
        let (version, trace_id, span_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let nothing = |id: &str| id.bytes().all(|byte| byte == b'0');
        // Later versions may have more parts.
        let more = version == "00" && parts.next().is_some();
        let wrong = version == "ff" || more || nothing(&trace_id) || nothing(&span_id);
        (!wrong).then_some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    /// Whether the caller records the trace (the lowest bit of the flags).
    pub fn is_sampled(&self) -> bool {
        u8::from_str_radix(&self.flags, 16).is_ok_and(|flags| flags & 1 == 1)
    }

    /// The header for whoever is called in the course of the request, under a span of ours.
    pub fn passed_on(&self, span_id: &str) -> String {
        format!("00-{}-{span_id}-{}", self.trace_id, self.flags)
    }
}

/// So many hexadecimal digits, at most 32, that nobody else is likely to draw.
pub(super) fn drawn(digits: usize) -> String {
    // Each state has keys of its own, drawn by the system.
    let draw = || RandomState::new().build_hasher().finish().max(1);
    let mut text = format!("{:016x}{:016x}", draw(), draw());
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_parent_is_read_and_passed_on_under_another_span() {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", GOOD.parse().unwrap());
        let parent = Parent::of(&headers).unwrap();
        assert_eq!(parent.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(
            parent.passed_on("00f067aa0ba902b7"),
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"
        );
        headers.append("traceparent", GOOD.parse().unwrap());
        assert_eq!(Parent::of(&headers), None, "there can be one only");
        assert!(Parent::read(&format!("01{}-more", &GOOD[2..])).is_some());
    }

    #[test]
    fn what_is_no_parent_is_none() {
        for bad in [
            "",
            "00",
            &GOOD[..54],
            &format!("{GOOD}-00"),
            &GOOD.replace("0af", "0AF"),
            &GOOD.replace("b7ad6b7169203331", "0000000000000000"),
            &GOOD.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &format!("ff{}", &GOOD[2..]),
        ] {
            assert_eq!(Parent::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn drawn_numbers_differ() {
        assert_eq!((drawn(32).len(), drawn(16).len()), (32, 16));
        assert_ne!(drawn(32), drawn(32));
    }
}
