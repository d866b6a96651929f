//! JSON 1.0 and 1.1: the operation in `X-Amz-Target`, one JSON object as body
//! (<https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>).

use super::respond;
use crate::fault::Fault;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

/// The operation of a target header, when it is of this service.
pub(crate) fn operation<'a>(target: &'a str, prefix: &str) -> Option<&'a str> {
    target.strip_prefix(prefix)?.strip_prefix('.')
}

/// The request's members; no body means none.
pub(crate) fn read(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    // serde_json refuses more than 128 levels by itself.
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Fault::new(
            "SerializationException",
            "the body is not a JSON object",
        )),
        Err(error) => Err(Fault::new("SerializationException", error.to_string())),
    }
}

/// An answer.
pub(crate) fn answer(value: &Value, content_type: &'static str, request_id: &str) -> Response {
    respond(
        StatusCode::OK,
        content_type,
        value.to_string().into_bytes(),
        request_id,
    )
}

/// A fault: `{"__type", "message"}` and the code in a header besides.
pub(crate) fn fault(fault: &Fault, content_type: &'static str, request_id: &str) -> Response {
    let mut body = json!({"__type": fault.code, "message": fault.message});
    for (name, value) in &fault.members {
        body[*name] = value.clone();
    }
    let body = body.to_string().into_bytes();
    let mut response = respond(fault.status, content_type, body, request_id);
    if let Ok(code) = HeaderValue::from_str(&fault.code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}
