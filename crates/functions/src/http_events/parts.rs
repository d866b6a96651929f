//! What both formats are made of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contracts::functions::HttpRequest;
use domain::Timestamp;
use serde_json::{Map, Value};

/// The account of this installation.
pub(super) const ACCOUNT: &str = "123456789012";

/// The body as text, or in base64 when it is no text.
pub(super) fn body(body: &Bytes) -> (Value, bool) {
    if body.is_empty() {
        return (Value::Null, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) => (Value::from(text), false),
        Err(_) => (Value::from(STANDARD.encode(body)), true),
    }
}

/// The query's pairs, decoded, in the order they were sent.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Percent-decoding with `+` for a blank (WHATWG URL, application/x-www-form-urlencoded).
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push((high * 16 + low) as u8);
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Pairs as an object: each name with its last value, or with all its values joined.
pub(super) fn object(pairs: &[(String, String)], joined: bool) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let text = match map.get(name).and_then(Value::as_str) {
            Some(before) if joined => format!("{before},{value}"),
            _ => value.clone(),
        };
        map.insert(name.clone(), Value::from(text));
    }
    Value::Object(map)
}

/// Pairs as an object of lists.
pub(super) fn lists(pairs: &[(String, String)]) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let list = map
            .entry(name.clone())
            .or_insert_with(|| Value::from(Vec::<Value>::new()));
        if let Value::Array(list) = list {
            list.push(Value::from(value.clone()));
        }
    }
    Value::Object(map)
}

/// `null` for an object without members.
pub(super) fn or_null(value: Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => Value::Null,
        other => other,
    }
}

/// The value of a header.
pub(super) fn header<'a>(request: &'a HttpRequest, wanted: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(name, _)| name == wanted);
    found.map(|(_, value)| value.as_str())
}

/// A time as web servers log it: `27/Nov/2026:04:54:05 +0000`.
pub(super) fn clock(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or_default();
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}
