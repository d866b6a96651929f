//! `GET /buckets/{bucket}/objects/{*key}`: reads an object, or a range of it.

use crate::native::access::Authenticated;
use crate::native::extract::Path;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use control::error::of_objects;
use domain::Refusal;
use http::{HeaderMap, StatusCode, header};

pub(super) const DESCRIBED: Described = Described {
    id: "get_object",
    method: "get",
    path: "/api/v1/buckets/{bucket}/objects/{*key}",
    summary: "reads an object, or a range of it",
    query: &[],
    takes: None,
    gives: None,
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    caller.may_read().map_err(Fault)?;
    let refuse = |error| Fault(of_objects(error));
    let objects = &native.control.objects;
    let head = objects
        .head(&caller.workspace, &bucket, &key)
        .await
        .map_err(refuse)?;
    let wanted = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let range = match wanted.map(|text| range(text, head.bytes)) {
        None | Some(None) => None,
        Some(Some(range)) => Some(range),
    };
    let got = objects.get(&caller.workspace, &bucket, &key, range).await;
    let (head, bytes) = got.map_err(refuse)?;
    let length = range.map_or(head.bytes, |(from, to)| to - from);
    let mut response = Response::builder()
        .header(header::CONTENT_LENGTH, length)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, format!("\"{}\"", head.etag))
        .header("x-content-type-options", "nosniff");
    let kind = head
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    response = response.header(header::CONTENT_TYPE, kind);
    if let Some((from, to)) = range {
        let value = format!("bytes {from}-{}/{}", to.saturating_sub(1), head.bytes);
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, value);
    }
    let response = response.body(Body::from_stream(bytes));
    response.map_err(|error| Fault(Refusal::internal(error.to_string())))
}

/// One range of bytes (RFC 9110 §14.1.2), end exclusive; anything else is ignored, as the
/// standard allows.
fn range(text: &str, length: u64) -> Option<(u64, u64)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => (from, to.saturating_add(1).min(length)),
        (Ok(from), Err(_)) if to.is_empty() => (from, length),
        (Err(_), Ok(last)) if from.is_empty() => (length.saturating_sub(last), length),
        _ => return None,
    };
    (range.0 < range.1).then_some(range)
}
