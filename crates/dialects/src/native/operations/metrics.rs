//! `GET /metrics`: figures of the workspace's endpoints for Prometheus, which sends the key as its
//! bearer token.

use crate::native::access::Authenticated;
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serving::prometheus;

pub(in crate::native) async fn metrics(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
) -> Result<Response, Fault> {
    caller.may_read()?;
    let text = prometheus::render(&native.endpoints, &caller.workspace);
    Ok(([(CONTENT_TYPE, prometheus::CONTENT_TYPE)], text).into_response())
}
