//! The Feature Store's data plane: records by identifier.

mod batch_get;
mod delete;
mod get;
mod put;
mod wire;

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
    paths: &["/FeatureGroup/", "/BatchGetRecord", "/BatchWriteRecord"],
    answer: |call, parts, body| Box::pin(answer(call, parts, body)),
};

async fn answer(call: &Call<'_>, parts: &Parts, body: Bytes) -> Response {
    match answered(call, parts, &body).await {
        Ok(Value::Null) => respond(
            StatusCode::OK,
            "application/json",
            Vec::new(),
            call.request_id,
        ),
        Ok(value) => {
            let body = value.to_string().into_bytes();
            respond(StatusCode::OK, "application/json", body, call.request_id)
        }
        Err(fault) => {
            let fault = match fault.code.as_ref() {
                // The data plane has words of its own.
                "ValidationException" | "SerializationException" => Fault {
                    code: "ValidationError".into(),
                    ..fault
                },
                "AccessDeniedException" => Fault {
                    code: "AccessForbidden".into(),
                    ..fault
                },
                _ => fault,
            };
            json::fault(&fault, "application/json", call.request_id)
        }
    }
}

async fn answered(call: &Call<'_>, parts: &Parts, body: &[u8]) -> Result<Value, Fault> {
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let query = wire::Query::of(parts);
    match (&parts.method, path.as_slice()) {
        (&Method::PUT, ["FeatureGroup", name @ ..]) => {
            let request = read(json::read(body)?)?;
            put::answer(call, &wire::name(name), request).await
        }
        (&Method::GET, ["FeatureGroup", name @ ..]) => {
            get::answer(call, &wire::name(name), &query).await
        }
        (&Method::DELETE, ["FeatureGroup", name @ ..]) => {
            delete::answer(call, &wire::name(name), &query).await
        }
        (&Method::POST, ["BatchGetRecord"]) => {
            batch_get::answer(call, read(json::read(body)?)?).await
        }
        (method, _) => Err(Fault::unsupported(format!(
            "{method} {} of the Feature Store is not served here",
            parts.uri.path().chars().take(100).collect::<String>()
        ))),
    }
}
