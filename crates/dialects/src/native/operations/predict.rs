//! `POST /endpoints/{name}/predict`: sends a payload to an endpoint. The answer is the handler's, with
//! the status and the headers that it chose.

use crate::native::access::Authenticated;
use crate::native::extract::{Path, Payload};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use contracts::data_plane::{Answer, Invocation};
use domain::{EndpointName, Name, Refusal, Span};
use http::{HeaderMap, HeaderName, HeaderValue};

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
    Ok(response(answer))
}

/// The handler's answer as it stands: its status, its headers, its body. Ours come last, so that a
/// handler cannot say that another model answered.
fn response(answer: Answer) -> Response {
    let microseconds = answer.microseconds.to_string();
    let own = [
        ("content-type", answer.content_type.as_str()),
        ("tradewind-deployment", answer.deployment.as_str()),
        ("tradewind-model-version", answer.model.as_str()),
        ("tradewind-microseconds", microseconds.as_str()),
    ];
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    let handlers = answer.headers.iter();
    let handlers = handlers.map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in handlers.chain(own) {
        // The data plane lets only sendable ones through.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
