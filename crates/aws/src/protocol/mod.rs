//! How requests are read and answers written, one file a protocol.

pub(crate) mod cbor;
pub(crate) mod compatible;
pub(crate) mod ec2;
pub(crate) mod json;
pub(crate) mod moment;
pub(crate) mod query;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// A response with the request's id, which SDKs show in their errors.
pub(crate) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    request_id: &str,
) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
