//! `InvokeEndpointWithResponseStream`: the answer in parts
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html>).
//! Handlers answer as a whole, so that the first part leaves when the handler is done.

use super::event_stream::message;
use super::invoke_endpoint::{ATTRIBUTES, INVOKED, REQUEST_ID, invoke};
use crate::fault::Fault;
use crate::operation::Call;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use std::convert::Infallible;

/// Bytes of a part.
const PART: usize = 64 << 10;

const CONTENT_TYPE: HeaderName = HeaderName::from_static("x-amzn-sagemaker-content-type");

/// Sends the body to the endpoint and its answer back in parts.
pub(super) async fn answer(
    call: &Call<'_>,
    endpoint: &str,
    parts: &Parts,
    body: Bytes,
) -> Result<Response, Fault> {
    let answer = invoke(call, endpoint, parts, body).await?;
    let whole = answer.body.clone();
    let starts = (0..whole.len()).step_by(PART);
    let frames: Vec<Vec<u8>> = starts
        .map(|at| frame(&whole[at..whole.len().min(at + PART)]))
        .collect();
    let frames = futures::stream::iter(frames).map(|frame| Ok::<_, Infallible>(Bytes::from(frame)));
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    let stream = HeaderValue::from_static("application/vnd.amazon.eventstream");
    headers.insert(header::CONTENT_TYPE, stream);
    let texts = [
        (CONTENT_TYPE, answer.content_type.as_str()),
        (INVOKED, answer.deployment.as_str()),
        (REQUEST_ID, call.request_id),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    if let Some(attributes) = parts.headers.get(ATTRIBUTES) {
        headers.insert(ATTRIBUTES, attributes.clone());
    }
    Ok(response)
}

fn frame(part: &[u8]) -> Vec<u8> {
    let headers = [
        (":message-type", "event"),
        (":event-type", "PayloadPart"),
        (":content-type", "application/octet-stream"),
    ];
    message(&headers, part)
}
