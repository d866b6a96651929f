//! SageMaker Metrics: what experiments report while they run.

mod get;
mod put;

use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::protocol::{json, respond};
use crate::service::RestService;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::Value;

/// The row of the table of services with paths.
pub(crate) const SERVICE: RestService = RestService {
    signing_name: "sagemaker",
    paths: &["/BatchPutMetrics", "/BatchGetMetrics"],
    answer: |call, parts, body| Box::pin(answer(call, parts, body)),
};

async fn answer(call: &Call<'_>, parts: &Parts, body: Bytes) -> Response {
    let answered = match (&parts.method, parts.uri.path()) {
        (&Method::PUT, "/BatchPutMetrics") => put(call, &body).await,
        (&Method::POST, "/BatchGetMetrics") => get(call, &body).await,
        (method, path) => Err(Fault::unsupported(format!(
            "{method} {path} of SageMaker Metrics is not served here"
        ))),
    };
    match answered {
        Ok(value) => {
            let body = value.to_string().into_bytes();
            respond(StatusCode::OK, "application/json", body, call.request_id)
        }
        Err(fault) => json::fault(&fault, "application/json", call.request_id),
    }
}

async fn put(call: &Call<'_>, body: &[u8]) -> Result<Value, Fault> {
    put::answer(call, read(json::read(body)?)?).await
}

async fn get(call: &Call<'_>, body: &[u8]) -> Result<Value, Fault> {
    get::answer(call, read(json::read(body)?)?).await
}
