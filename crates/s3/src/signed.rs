//! What a signature must cover. The signature itself is checked by `s3s`; this refuses requests
//! to which somebody could have added headers on the way, and old ones of signature version 2,
//! whose date is not looked at there.
//!
//! Sources: "Signature Version 4 signing process" (host and all `x-amz-*` headers are signed),
//! "Signing and authenticating REST requests" (a request older than 15 minutes is refused).

use domain::{Span, Timestamp};
use http::{HeaderMap, Uri};
use s3s::{S3Result, s3_error};

/// Most difference of the clocks.
const SKEW: Span = Span::minutes(15);

/// How a request was authenticated, as the condition keys `s3:authType` and
/// `s3:signatureversion` say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) how: &'static str,
    pub(crate) version: &'static str,
}

/// The value of a query parameter, decoded.
pub(crate) fn query(uri: &Uri, name: &str) -> Option<String> {
    let all = crate::names::read_form(uri.query()?)?;
    all.into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// Checks what the signature of a request covers.
pub(crate) fn check(headers: &HeaderMap, uri: &Uri, now: Timestamp) -> S3Result<Authenticated> {
    let authorization = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if let Some(signed) = query(uri, "X-Amz-SignedHeaders") {
        covers(headers, &signed)?;
        return Ok(Authenticated {
            how: "REST-QUERY-STRING",
            version: "AWS4-HMAC-SHA256",
        });
    }
    match authorization {
        Some(text) if text.starts_with("AWS4-HMAC-SHA256") => {
            let signed = text
                .split("SignedHeaders=")
                .nth(1)
                .and_then(|rest| rest.split([',', ' ']).next())
                .unwrap_or_default();
            covers(headers, signed)?;
            Ok(Authenticated {
                how: "REST-HEADER",
                version: "AWS4-HMAC-SHA256",
            })
        }
        Some(_) => {
            is_recent(headers, now)?;
            Ok(Authenticated {
                how: "REST-HEADER",
                version: "AWS",
            })
        }
        None if query(uri, "Signature").is_some() => Ok(Authenticated {
            how: "REST-QUERY-STRING",
            version: "AWS",
        }),
        None => Ok(Authenticated {
            how: "POST",
            version: "AWS4-HMAC-SHA256",
        }),
    }
}

/// The SHA-256 of the body that a signature of version 4 covers. The body ends with an error when
/// it has another one; with other versions nobody looks.
pub(crate) fn payload(headers: &HeaderMap, authenticated: Authenticated) -> Option<[u8; 32]> {
    if authenticated.version != "AWS4-HMAC-SHA256" || authenticated.how == "POST" {
        return None;
    }
    let mut all = headers.get_all("x-amz-content-sha256").iter();
    let text = all.next()?.to_str().ok()?;
    // Of several, nobody says which is meant.
    if all.next().is_some() || text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(digest)
}

fn covers(headers: &HeaderMap, signed: &str) -> S3Result<()> {
    let signed: Vec<&str> = signed.split(';').collect();
    let is_open = |name: &str| {
        let must = name == "host" || name.starts_with("x-amz-");
        must && name != "x-amz-content-sha256" && !signed.contains(&name)
    };
    if headers.keys().any(|name| is_open(name.as_str())) || !signed.contains(&"host") {
        return Err(s3_error!(
            AccessDenied,
            "There were headers present in the request which were not signed"
        ));
    }
    Ok(())
}

fn is_recent(headers: &HeaderMap, now: Timestamp) -> S3Result<()> {
    let date = headers
        .get("x-amz-date")
        .or_else(|| headers.get(http::header::DATE))
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .replace("+0000", "GMT");
    let Ok(sent) = s3s::dto::Timestamp::parse(s3s::dto::TimestampFormat::HttpDate, &date) else {
        return Err(s3_error!(
            AccessDenied,
            "AWS authentication requires a valid Date or x-amz-date header"
        ));
    };
    let apart = now.since(crate::times::read(sent));
    if apart > SKEW || apart < Span(-SKEW.0) {
        return Err(s3_error!(
            RequestTimeTooSkewed,
            "The difference between the request time and the current time is too large."
        ));
    }
    Ok(())
}

/// The session token of a request, from its header or query.
pub(crate) fn token(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get("x-amz-security-token");
    if let Some(text) = header.and_then(|value| value.to_str().ok()) {
        return Some(text.to_owned());
    }
    query(uri, "X-Amz-Security-Token").or_else(|| query(uri, "x-amz-security-token"))
}
