//! `GET /buckets/{bucket}/objects/{*key}`: reads an object, a version or a range of it.

use super::delete_object::Which;
use crate::native::access::Authenticated;
use crate::native::extract::{Path, Query};
use crate::native::object_fault::{refused, text};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use http::{HeaderMap, StatusCode, header};
use objects::{ByteRange, Contents, EntityTags, Error, Get, ReadConditions};

pub(super) const DESCRIBED: Described = Described {
    id: "get_object",
    method: "get",
    path: "/api/v1/buckets/{bucket}/objects/{*key}",
    summary: "reads an object, a version or a range of it; `If-Match` and `If-None-Match` are heeded",
    query: &["version"],
    takes: None,
    gives: None,
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, key)): Path<(String, String)>,
    Query(Which { version }): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    caller.may_read()?;
    let tags = |name: &str| text(&headers, name).map(|tags| EntityTags::parse(&tags));
    let get = Get {
        version,
        range: text(&headers, "range").and_then(|ranges| single(&ranges)),
        part: None,
        conditions: ReadConditions {
            if_match: tags("if-match"),
            if_none_match: tags("if-none-match"),
            ..ReadConditions::default()
        },
        customer: None,
    };
    let contents = native
        .objects
        .get_object(&caller.workspace, &bucket, &key, &get)
        .await;
    match contents {
        Ok(contents) => found(contents, get.range.is_some()),
        Err(Error::NotModified { etag, .. }) => {
            let etag = [(header::ETAG, format!("\"{etag}\""))];
            Ok((StatusCode::NOT_MODIFIED, etag).into_response())
        }
        Err(Error::InvalidRange { bytes }) => {
            let length = [(header::CONTENT_RANGE, format!("bytes */{bytes}"))];
            Ok((StatusCode::RANGE_NOT_SATISFIABLE, length).into_response())
        }
        Err(error) => Err(refused(error)),
    }
}

/// The one range of a header; a header with several, or of another form, is ignored, as the
/// standard allows (RFC 9110 §14.2).
fn single(header: &str) -> Option<ByteRange> {
    match ByteRange::parse(header)?.as_slice() {
        [range] => Some(*range),
        _ => None,
    }
}

fn found(contents: Contents, partial: bool) -> Result<Response, Fault> {
    let Contents {
        object,
        range,
        body,
    } = contents;
    let kind = object.headers.content_type.as_deref();
    let mut response = Response::builder()
        .header(header::CONTENT_LENGTH, range.end - range.start)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, format!("\"{}\"", object.etag))
        .header(
            header::CONTENT_TYPE,
            kind.unwrap_or("application/octet-stream"),
        )
        .header("tradewind-version", &object.version)
        .header("tradewind-sha256", &object.sha256)
        .header("x-content-type-options", "nosniff");
    if partial {
        let last = range.end.saturating_sub(1);
        let value = format!("bytes {}-{last}/{}", range.start, object.bytes);
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, value);
    }
    let response = response.body(Body::from_stream(body));
    response.map_err(|error| Fault(Refusal::internal(error.to_string())))
}
