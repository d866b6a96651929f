//! `POST /endpoints/{name}/predict`: sends a payload to an endpoint.

use crate::native::access::Authenticated;
use crate::native::extract::{Path, Payload};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contracts::data_plane::Invocation;
use domain::{EndpointName, Name, Refusal, Span};
use http::HeaderMap;

pub(super) const DESCRIBED: Described = Described {
    id: "predict",
    method: "post",
    path: "/api/v1/endpoints/{name}/predict",
    summary: "sends a payload to an endpoint",
    query: &[],
    takes: None,
    gives: None,
};

/// How long a caller that says nothing waits.
const USUAL: Span = Span::seconds(60);

pub(in crate::native) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Fault> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let deployment = text("tradewind-deployment").map(Name::new).transpose();
    let deployment = deployment.map_err(|e| Fault(Refusal::invalid(e.to_string())))?;
    let request = Invocation {
        content_type: text("content-type")
            .unwrap_or("application/json")
            .to_owned(),
        accept: text("accept").unwrap_or("*/*").to_owned(),
        body,
        deployment,
        headers,
        deadline: USUAL,
    };
    let answer = native.control.invoke(&caller, &name, request).await?;
    let headers = [
        ("content-type", answer.content_type),
        ("tradewind-deployment", answer.deployment.to_string()),
        ("tradewind-model-version", answer.model),
        ("tradewind-microseconds", answer.microseconds.to_string()),
    ];
    Ok((headers, answer.body).into_response())
}
