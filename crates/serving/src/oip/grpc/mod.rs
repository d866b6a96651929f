//! The Open Inference Protocol over gRPC: each message is read into the protocol's REST form,
//! answered as such, and the reply written back as a message, so that both say the same.
//!
//! Source: kserve/open-inference-protocol, specification/protocol/open_inference_grpc.proto (read
//! 2026-11). HTTP/2 and gRPC's framing are the listener's.

mod request;
mod response;
mod tensors;
mod wire;

use super::{OipRequest, answer};
use crate::endpoints::Endpoints;
use bytes::Bytes;
use domain::Workspace;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use std::time::Duration;
use wire::{Reader, Writer};

/// The service's name, the first part of every path.
pub const SERVICE: &str = "inference.GRPCInferenceService";

/// A call of the service.
#[derive(Debug, Clone)]
pub struct GrpcCall {
    /// The method: what follows the service in the path.
    pub method: String,
    /// The metadata.
    pub headers: HeaderMap,
    /// The message without its frame.
    pub message: Bytes,
    /// How long the caller waits.
    pub deadline: Duration,
}

/// A call that failed: gRPC's status code and a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GrpcError {
    /// The number of grpc.github.io/grpc/core/md_doc_statuscodes.html.
    pub code: u8,
    /// What is wrong.
    pub message: String,
}

impl GrpcError {
    fn invalid(message: String) -> Self {
        Self { code: 3, message }
    }

    /// By the status that the REST form would have (google.rpc.Code's own table, read backwards).
    fn of_status(status: StatusCode, message: String) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => 16,
            StatusCode::FORBIDDEN => 7,
            StatusCode::NOT_FOUND => 5,
            StatusCode::TOO_MANY_REQUESTS => 8,
            StatusCode::GATEWAY_TIMEOUT => 4,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            status if status.is_client_error() => 3,
            _ => 13,
        };
        Self { code, message }
    }
}

/// Answers a call for the endpoints of a workspace; `version` is the server's.
///
/// # Errors
/// [`GrpcError`], which the listener writes into the trailers.
pub async fn call(
    endpoints: &Endpoints,
    workspace: &Workspace,
    version: &str,
    call: GrpcCall,
) -> Result<Bytes, GrpcError> {
    let (method, path, body, outputs) = match call.method.as_str() {
        "ServerLive" => (
            Method::GET,
            "/v2/health/live".to_owned(),
            Bytes::new(),
            None,
        ),
        "ServerReady" => (
            Method::GET,
            "/v2/health/ready".to_owned(),
            Bytes::new(),
            None,
        ),
        "ServerMetadata" => (Method::GET, "/v2".to_owned(), Bytes::new(), None),
        "ModelReady" => (
            Method::GET,
            named(&call.message, "/ready")?,
            Bytes::new(),
            None,
        ),
        "ModelMetadata" => (Method::GET, named(&call.message, "")?, Bytes::new(), None),
        "ModelInfer" => {
            let read = request::read(&call.message)?;
            let path = path(&read.model, &read.version, "/infer")?;
            (Method::POST, path, read.body, Some(read.form))
        }
        other => {
            return Err(GrpcError {
                code: 12,
                message: format!("`{other}` is not a method of {SERVICE} that is served"),
            });
        }
    };
    let asked = OipRequest {
        method,
        path,
        headers: call.headers,
        body,
        deadline: call.deadline,
    };
    let reply = answer(endpoints, workspace, version, asked).await;
    let value: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    // Readiness has a status and is an answer all the same.
    let readiness =
        matches!(call.method.as_str(), "ServerReady" | "ModelReady") && value["ready"].is_boolean();
    if !reply.status.is_success() && !readiness {
        let text = value["error"].as_str().unwrap_or("the call failed");
        return Err(GrpcError::of_status(reply.status, text.to_owned()));
    }
    let message = match call.method.as_str() {
        "ServerLive" => truth(&value["live"]),
        "ServerReady" | "ModelReady" => truth(&value["ready"]),
        "ServerMetadata" => response::server(&value),
        "ModelMetadata" => response::model(&value),
        _ => response::inference(&value, outputs.unwrap_or_default())?,
    };
    Ok(message.into())
}

fn truth(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.truth(1, value == &Value::Bool(true));
    writer.message
}

/// The path of a message whose fields are a name and a version.
fn named(message: &[u8], what: &str) -> Result<String, GrpcError> {
    let (mut name, mut version) = ("", "");
    let mut reader = Reader::new(message);
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => name = field.text()?,
            2 => version = field.text()?,
            _ => {}
        }
    }
    path(name, version, what)
}

fn path(model: &str, version: &str, what: &str) -> Result<String, GrpcError> {
    if model.is_empty() || model.contains('/') || version.contains('/') {
        let message = format!("`{model}` version `{version}` is not the name of a model");
        return Err(GrpcError::invalid(message));
    }
    Ok(if version.is_empty() {
        format!("/v2/models/{model}{what}")
    } else {
        format!("/v2/models/{model}/versions/{version}{what}")
    })
}
