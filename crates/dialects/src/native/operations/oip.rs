//! `/v2/…`: the Open Inference Protocol, answered by the data plane itself.

use crate::native::access::Authenticated;
use crate::native::extract::Payload;
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serving::oip::OipRequest;
use std::time::Duration;

/// What the server says of its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a caller waits.
const USUAL: Duration = Duration::from_mins(1);

pub(in crate::native) async fn oip(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Fault> {
    caller.may_invoke().map_err(Fault)?;
    let path = uri.path().to_owned();
    let request = OipRequest {
        method,
        path,
        headers,
        body,
        deadline: USUAL,
    };
    let reply = serving::oip::answer(&native.endpoints, &caller.workspace, VERSION, request).await;
    let mut response = (reply.status, reply.body).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(seconds) = reply.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}
