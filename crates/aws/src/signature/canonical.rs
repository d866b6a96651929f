//! The canonical form of a request, which both sides sign.

use super::claim::Claim;
use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but what RFC 3986 leaves unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Method, path, query, headers, names of the headers, hash of the body.
pub(super) fn request(parts: &Parts, claim: &Claim, payload: &str) -> String {
    let mut text = format!("{}\n{}\n{}\n", parts.method, path(parts), query(parts));
    for name in &claim.signed_headers {
        text.push_str(name);
        text.push(':');
        text.push_str(&values(parts, name));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&claim.signed_headers.join(";"));
    text.push('\n');
    text.push_str(payload);
    text
}

/// Services other than S3 sign the path encoded once more, without `.` and `..`.
fn path(parts: &Parts) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let raw = parts.uri.path();
    for segment in raw.split('/').filter(|segment| !segment.is_empty()) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut path = String::new();
    for segment in &kept {
        path.push('/');
        path.extend(utf8_percent_encode(segment, ENCODED));
    }
    if path.is_empty() || raw.ends_with('/') {
        path.push('/');
    }
    path
}

fn query(parts: &Parts) -> String {
    let raw = parts.uri.query().unwrap_or("");
    let mut pairs: Vec<(String, String)> = raw
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| (again(name), again(value)))
        .collect();
    pairs.sort();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Whatever the client left unencoded is encoded here.
fn again(text: &str) -> String {
    let plain: Vec<u8> = percent_decode_str(text).collect();
    percent_encoding::percent_encode(&plain, ENCODED).to_string()
}

fn values(parts: &Parts, name: &str) -> String {
    if name == "host" {
        return host(parts);
    }
    let values = parts.headers.get_all(name).iter();
    let values = values.map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// The host as the client named it: a header in HTTP/1.1, part of the address in HTTP/2.
pub(crate) fn host(parts: &Parts) -> String {
    let header = parts.headers.get(http::header::HOST);
    match header.and_then(|value| value.to_str().ok()) {
        Some(host) => host.trim().to_owned(),
        None => parts
            .uri
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}
