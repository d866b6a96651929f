//! SageMaker Runtime: predictions. Bodies are the caller's own, in and out.

mod event_stream;
mod invoke_async;
mod invoke_endpoint;
mod response_stream;
mod route;

pub(crate) use event_stream::message;

use crate::fault::Fault;
use crate::operation::Call;
use crate::protocol::json;
use crate::service::RestService;
use axum::response::Response;
use bytes::Bytes;
use http::Method;
use http::request::Parts;

/// The row of the table of services with paths.
pub(crate) const SERVICE: RestService = RestService {
    signing_name: "sagemaker",
    paths: &["/endpoints/"],
    answer: |call, parts, body| Box::pin(answer(call, parts, body)),
};

async fn answer(call: &Call<'_>, parts: &Parts, body: Bytes) -> Response {
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let answered = match (&parts.method, path.as_slice()) {
        (&Method::POST, ["endpoints", name, "invocations"]) => {
            invoke_endpoint::answer(call, name, parts, body).await
        }
        (&Method::POST, ["endpoints", name, "invocations-response-stream"]) => {
            response_stream::answer(call, name, parts, body).await
        }
        (&Method::POST, ["endpoints", name, "async-invocations"]) => {
            invoke_async::answer(call, name, parts).await
        }
        _ => Err(Fault::unsupported(format!(
            "{} {} of SageMaker Runtime is not served here",
            parts.method,
            parts.uri.path()
        ))),
    };
    answered.unwrap_or_else(|fault| json::fault(&fault, "application/json", call.request_id))
}
