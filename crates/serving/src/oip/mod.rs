//! The Open Inference Protocol, version 2, over REST, as plain values: a listener hands method,
//! path and body over and sends the reply as it is.
//!
//! Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md and
//! open_inference_rest.yaml (read 2026-11). A model is an endpoint, a version one of its
//! deployments. The specification's text gives the server's readiness as `live`, its servers as
//! `ready`; the reply has both.

pub mod grpc;
mod infer;
mod metadata;
mod route;
mod tensor;

pub use tensor::{Datatype, Tensor};

use crate::endpoints::Endpoints;
use crate::error::Error;
use bytes::Bytes;
use domain::Workspace;
use http::{HeaderMap, Method, StatusCode};
use route::Route;
use serde_json::{Value, json};
use std::time::Duration;

/// A request as the listener got it.
#[derive(Debug, Clone)]
pub struct OipRequest {
    /// The method.
    pub method: Method,
    /// The path from `/v2` on, without the query.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for GET.
    pub body: Bytes,
    /// How long the caller waits.
    pub deadline: Duration,
}

/// What to send back; the body is always JSON.
#[derive(Debug, Clone)]
pub struct OipReply {
    /// The status.
    pub status: StatusCode,
    /// Value of the Retry-After header in seconds, when there is one.
    pub retry_after: Option<u64>,
    /// The JSON text.
    pub body: Bytes,
}

impl OipReply {
    fn new(status: StatusCode, value: &Value) -> Self {
        Self {
            status,
            retry_after: None,
            body: Bytes::from(value.to_string()),
        }
    }

    fn error(status: StatusCode, message: &str) -> Self {
        Self::new(status, &json!({ "error": message }))
    }
}

impl From<Error> for OipReply {
    fn from(error: Error) -> Self {
        let reply = Self::error(error.status(), &error.to_string());
        Self {
            retry_after: error.retry_after(),
            ..reply
        }
    }
}

/// Answers one request of the protocol for the endpoints of a workspace. `version` is the server's.
pub async fn answer(
    endpoints: &Endpoints,
    workspace: &Workspace,
    version: &str,
    request: OipRequest,
) -> OipReply {
    let Some(route) = route::parse(&request.path) else {
        let message = format!(
            "`{}` is not a path of the Open Inference Protocol",
            request.path
        );
        return OipReply::error(StatusCode::NOT_FOUND, &message);
    };
    let wanted = if matches!(route, Route::Infer(_)) {
        Method::POST
    } else {
        Method::GET
    };
    if request.method != wanted {
        let message = format!("`{}` is asked with {wanted}", request.path);
        return OipReply::error(StatusCode::METHOD_NOT_ALLOWED, &message);
    }
    match dispatch(endpoints, workspace, version, route, request).await {
        Ok(reply) => reply,
        Err(error) => error.into(),
    }
}

async fn dispatch(
    endpoints: &Endpoints,
    workspace: &Workspace,
    version: &str,
    route: Route,
    request: OipRequest,
) -> Result<OipReply, Error> {
    let ok = |value: &Value| Ok(OipReply::new(StatusCode::OK, value));
    match route {
        Route::Server => ok(&json!({ "name": "tradewind", "version": version, "extensions": [] })),
        Route::Live => ok(&json!({ "live": true })),
        Route::Ready => {
            let ready = metadata::all_ready(endpoints, workspace);
            Ok(OipReply::new(
                readiness(ready),
                &json!({ "live": true, "ready": ready }),
            ))
        }
        Route::ModelReady(target) => {
            let ready = metadata::ready(endpoints, workspace, &target)?;
            let value = json!({ "name": target.model, "ready": ready });
            Ok(OipReply::new(readiness(ready), &value))
        }
        Route::Model(target) => ok(&metadata::model(endpoints, workspace, &target)?),
        Route::Infer(target) => {
            let found = metadata::find(endpoints, workspace, &target)?;
            let payload = (request.headers, request.body);
            ok(&infer::infer(endpoints, found, &target, payload, request.deadline).await?)
        }
    }
}

fn readiness(ready: bool) -> StatusCode {
    if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
