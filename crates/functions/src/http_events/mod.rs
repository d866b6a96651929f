//! HTTP requests as events of Lambda functions, and their answers as HTTP responses
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).

mod answer;
mod parts;
mod version_one;
mod version_two;

use bytes::Bytes;
use contracts::functions::{HttpRequest, HttpResponse};
use domain::Timestamp;
use domain::function::ApiPayload;

/// The event that a request becomes.
pub fn event(request: &HttpRequest, id: &str, received: Timestamp) -> Bytes {
    let value = match request.payload {
        ApiPayload::V1 => version_one::event(request, id, received),
        ApiPayload::V2 => version_two::event(request, id, received),
    };
    Bytes::from(value.to_string())
}

/// The response that a function's answer becomes.
pub fn response(answer: &Bytes, payload: ApiPayload) -> HttpResponse {
    answer::response(answer, payload).unwrap_or_else(|| failed(payload, false))
}

/// The response when a body has more than `most` bytes.
pub fn too_long(most: usize) -> HttpResponse {
    let message = format!("the body is larger than {most} bytes, the most that a function takes");
    HttpResponse {
        status: 413,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(serde_json::json!({"message": message}).to_string()),
    }
}

/// The response when the function failed or gave no response; `late` when it ran out of its time.
pub fn failed(payload: ApiPayload, late: bool) -> HttpResponse {
    let (status, message) = match (payload, late) {
        (ApiPayload::V1, true) => (504, "Endpoint request timed out"),
        (ApiPayload::V1, false) => (502, "Internal server error"),
        (ApiPayload::V2, true) => (503, "Service Unavailable"),
        (ApiPayload::V2, false) => (500, "Internal Server Error"),
    };
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(serde_json::json!({"message": message}).to_string()),
    }
}
