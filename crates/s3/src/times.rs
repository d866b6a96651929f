//! Times between the domain (milliseconds) and the protocol's own type.

use domain::Timestamp;
use time::OffsetDateTime;

/// For an answer.
pub(crate) fn shown(time: Timestamp) -> s3s::dto::Timestamp {
    let nanos = i128::from(time.0) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .into()
}

/// From a request.
pub(crate) fn read(time: s3s::dto::Timestamp) -> Timestamp {
    let time: OffsetDateTime = time.into();
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// As headers have it (RFC 9110 §5.6.7).
pub(crate) fn http_date(time: Timestamp) -> Option<http::HeaderValue> {
    let mut text = Vec::new();
    shown(time)
        .format(s3s::dto::TimestampFormat::HttpDate, &mut text)
        .ok()?;
    http::HeaderValue::from_bytes(&text).ok()
}
