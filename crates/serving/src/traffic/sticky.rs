//! Sticky callers: weighted rendezvous hashing. Each deployment gets a score from the value and its
//! name, and the highest wins; when a share grows, callers move only to it, and when it shrinks,
//! only from it.
//!
//! Sources: Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (IEEE/ACM
//! Transactions on Networking, 1998); the weights enter by the logarithmic method of Schindelhauer
//! and Schomaker, "Weighted distributed hash tables" (SPAA 2005).

use domain::traffic::Sticky;
use http::{HeaderMap, header};
use serde_json::Value;
use std::borrow::Cow;

/// What a request has where callers are told apart; none when it has nothing there.
pub(super) fn value<'a>(
    sticky: &Sticky,
    headers: &'a HeaderMap,
    body: &[u8],
) -> Option<Cow<'a, [u8]>> {
    match sticky {
        Sticky::Header(name) => Some(Cow::Borrowed(headers.get(name.as_str())?.as_bytes())),
        Sticky::Cookie(name) => cookie(name, headers).map(Cow::Borrowed),
        Sticky::Field(path) => field(path, body).map(Cow::Owned),
    }
}

/// A cookie's value (RFC 6265 §4.2.1); the first of equal names counts.
fn cookie<'a>(name: &str, headers: &'a HeaderMap) -> Option<&'a [u8]> {
    let pairs = headers
        .get_all(header::COOKIE)
        .into_iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    for pair in pairs {
        let pair = pair.trim_ascii();
        let Some(at) = pair.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        if pair[..at] == *name.as_bytes() {
            return Some(&pair[at + 1..]);
        }
    }
    None
}

/// The text or number of a member of a JSON body.
fn field(path: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    for name in path.split('.') {
        value = value.as_object_mut()?.remove(name)?;
    }
    match value {
        Value::String(text) => Some(text.into_bytes()),
        Value::Number(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}

/// The deployment of a value.
pub(super) fn place(value: &[u8], names: &[String], weights: &[u16]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, (name, weight)) in names.iter().zip(weights).enumerate() {
        if *weight == 0 {
            continue;
        }
        let score = -f64::from(*weight) / unit(hash(name.as_bytes(), value)).ln();
        if score > best.1 {
            best = (place, score);
        }
    }
    best.0
}

/// FNV-1a over both, its bits mixed by the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014). Stays the same on every server.
fn hash(name: &[u8], value: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.iter().chain(&[0xff]).chain(value) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Evenly between 0 and 1, both excluded.
fn unit(hash: u64) -> f64 {
    ((hash >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["blue", "green", "grey"].map(str::to_owned).to_vec()
    }

    fn places(weights: &[u16]) -> Vec<usize> {
        let users = (0..20_000).map(|user| format!("user-{user}"));
        users
            .map(|user| place(user.as_bytes(), &names(), weights))
            .collect()
    }

    #[test]
    fn callers_divide_by_shares_and_move_only_towards_what_grows() {
        let before = places(&[9_000, 1_000, 0]);
        let green = before.iter().filter(|place| **place == 1).count();
        assert!((1_800..2_200).contains(&green), "{green}");
        assert!(!before.contains(&2));
        let after = places(&[7_000, 3_000, 0]);
        for (before, after) in before.iter().zip(&after) {
            assert!(before == after || *after == 1);
        }
        let without = places(&[10_000, 0, 0]);
        assert!(without.iter().all(|place| *place == 0));
    }

    #[test]
    fn the_value_is_found_where_it_was_said_to_be() {
        let mut headers = HeaderMap::new();
        headers.insert("x-user", "ada".parse().unwrap());
        headers.append(header::COOKIE, "theme=dark; id=7; id=8".parse().unwrap());
        let body = br#"{"instances": [[1]], "user": {"id": 12, "name": "ada", "tags": []}}"#;
        let found = |sticky: Sticky| {
            let value = value(&sticky, &headers, body);
            value.map(|value| String::from_utf8(value.into_owned()).unwrap())
        };
        assert_eq!(found(Sticky::Header("X-User".to_owned())).unwrap(), "ada");
        assert_eq!(found(Sticky::Cookie("id".to_owned())).unwrap(), "7");
        assert_eq!(found(Sticky::Cookie("i".to_owned())), None);
        assert_eq!(found(Sticky::Field("user.id".to_owned())).unwrap(), "12");
        assert_eq!(found(Sticky::Field("user.name".to_owned())).unwrap(), "ada");
        assert_eq!(found(Sticky::Field("user.tags".to_owned())), None);
        assert_eq!(found(Sticky::Field("nobody".to_owned())), None);
        assert_eq!(field("a", b"not json"), None);
    }
}
