//! How refusals look in the native API: a status and `{"code", "message"}`.

use axum::response::{IntoResponse, Response};
use domain::{Refusal, Span};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// A refusal as a response.
#[derive(Debug)]
pub struct Fault(pub Refusal);

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

/// Status and code word of every refusal.
fn status(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::NotFound { .. } => (StatusCode::NOT_FOUND, "not-found"),
        Refusal::AlreadyExists { .. } => (StatusCode::CONFLICT, "already-exists"),
        Refusal::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid"),
        Refusal::Conflict { .. } => (StatusCode::CONFLICT, "conflict"),
        Refusal::PreconditionFailed { .. } => {
            (StatusCode::PRECONDITION_FAILED, "precondition-failed")
        }
        Refusal::Unauthenticated { .. } => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        Refusal::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden"),
        Refusal::QuotaSpent { .. } => (StatusCode::TOO_MANY_REQUESTS, "quota-spent"),
        Refusal::Unplaceable { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "unplaceable"),
        Refusal::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
        Refusal::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Refusal::Unsupported { .. } => (StatusCode::NOT_IMPLEMENTED, "unsupported"),
        Refusal::ModelFailed { .. } => (StatusCode::FAILED_DEPENDENCY, "model-failed"),
        Refusal::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, code) = status(&self.0);
        let body = json!({"code": code, "message": self.0.to_string()});
        let mut response = (status, axum::Json(body)).into_response();
        let after = match &self.0 {
            Refusal::Throttled { after, .. } => Some(*after),
            Refusal::Unavailable { .. } => Some(Span::seconds(1)),
            _ => None,
        };
        if let Some(after) = after {
            let seconds = HeaderValue::from((after.0.max(0) as u64).div_ceil(1_000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
