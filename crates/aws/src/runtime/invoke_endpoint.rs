//! `InvokeEndpoint`
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html>).

use super::route;
use crate::fault::Fault;
use crate::operation::Call;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use contracts::data_plane::{Answer, Invocation};
use domain::{EndpointName, Name, Refusal, Span};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};

/// SageMaker gives a container 60 seconds.
const DEADLINE: Span = Span::seconds(60);

pub(super) const INVOKED: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const VARIANT: &str = "x-amzn-sagemaker-target-variant";
pub(super) const ATTRIBUTES: &str = "x-amzn-sagemaker-custom-attributes";
/// Most characters of custom attributes.
const MOST_ATTRIBUTES: usize = 1_024;

/// The endpoint's name in a path.
pub(super) fn endpoint_name(part: &str) -> String {
    percent_encoding::percent_decode_str(part)
        .decode_utf8_lossy()
        .into_owned()
}

/// What is said of an endpoint that is not there.
pub(super) fn missing(call: &Call<'_>, name: &str) -> Fault {
    let account = &call.aws.account.id;
    let text = format!("Endpoint {name} of account {account} not found.");
    Fault::new("ValidationError", text)
}

/// Sends the body to the endpoint.
pub(super) async fn answer(
    call: &Call<'_>,
    endpoint: &str,
    parts: &Parts,
    body: Bytes,
) -> Result<Response, Fault> {
    let answer = invoke(call, endpoint, parts, body).await?;
    Ok(response(call, answer, parts.headers.get(ATTRIBUTES)))
}

/// The endpoint's answer to a body.
pub(super) async fn invoke(
    call: &Call<'_>,
    endpoint: &str,
    parts: &Parts,
    body: Bytes,
) -> Result<Answer, Fault> {
    let name = endpoint_name(endpoint);
    let missing = || missing(call, &name);
    let id = EndpointName::new(name.as_str()).map_err(|_| missing())?;
    let text = |header: &str| {
        parts
            .headers
            .get(header)
            .and_then(|value| value.to_str().ok())
    };
    let attributes = text(ATTRIBUTES).unwrap_or_default();
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(Fault::new(
            "ValidationError",
            format!(
                "1 validation error detected: Value at 'customAttributes' failed to satisfy \
                 constraint: Member must have length less than or equal to {MOST_ATTRIBUTES}"
            ),
        ));
    }
    let deployment = match text(VARIANT) {
        None => None,
        Some(variant) => {
            let bad = |_| Fault::new("ValidationError", format!("Variant {variant} not found."));
            Some(Name::new(variant).map_err(bad)?)
        }
    };
    let invocation = Invocation {
        content_type: text("content-type")
            .unwrap_or("application/octet-stream")
            .to_owned(),
        accept: text("accept").unwrap_or("*/*").to_owned(),
        body,
        deployment,
        headers: parts.headers.clone(),
        deadline: DEADLINE,
    };
    let found = call.aws.control.look_at_endpoint(&call.caller(), &id).await;
    let found = found.map_err(|refusal| match refusal {
        Refusal::NotFound { .. } => missing(),
        other => fault(call, &name, other),
    })?;
    route::answer(call, &found, invocation).await
}

/// The answer if the container's status is a success, else SageMaker's error about it.
pub(super) fn judged(call: &Call<'_>, endpoint: &str, answer: Answer) -> Result<Answer, Fault> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(model_error(call, endpoint, answer.status, &answer.text()))
}

fn response(call: &Call<'_>, answer: Answer, attributes: Option<&HeaderValue>) -> Response {
    // The container's word counts; without one the caller's own attributes go back.
    let set = answer.header(ATTRIBUTES).map(HeaderValue::from_str);
    let attributes = set.and_then(Result::ok).or_else(|| attributes.cloned());
    let mut response = Response::new(Body::from(answer.body));
    let headers = response.headers_mut();
    let texts = [
        (header::CONTENT_TYPE, answer.content_type.as_str()),
        (INVOKED, answer.deployment.as_str()),
        (REQUEST_ID, call.request_id),
    ];
    for (name, text) in texts {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    if let Some(attributes) = attributes {
        headers.insert(ATTRIBUTES, attributes);
    }
    response
}

/// What a handler answered instead of a success, as SageMaker's runtime says it.
fn model_error(call: &Call<'_>, endpoint: &str, status: StatusCode, original: &str) -> Fault {
    let group = format!("log-group:/aws/sagemaker/Endpoints/{endpoint}");
    let whose = if status.is_client_error() {
        "client"
    } else {
        "server"
    };
    let code = status.as_u16();
    let text = format!(
        "Received {whose} error ({code}) from primary with message \"{original}\". See the \
         endpoint's log for more."
    );
    Fault::new("ModelError", text)
        .with_status(StatusCode::FAILED_DEPENDENCY)
        .with_member("OriginalStatusCode", code)
        .with_member("OriginalMessage", original)
        .with_member("LogStreamArn", call.arn("logs", &group))
}

pub(super) fn fault(call: &Call<'_>, endpoint: &str, refusal: Refusal) -> Fault {
    match refusal {
        Refusal::NotFound { kind, .. } if kind == "endpoint" => missing(call, endpoint),
        Refusal::NotFound { kind, name } if kind == "deployment" => Fault::new(
            "ValidationError",
            format!("Variant {name} not found for Endpoint {endpoint}"),
        ),
        Refusal::ModelFailed { message } => {
            model_error(call, endpoint, StatusCode::INTERNAL_SERVER_ERROR, &message)
        }
        Refusal::Throttled { message, .. } => {
            Fault::new("ThrottlingException", message).with_status(StatusCode::TOO_MANY_REQUESTS)
        }
        Refusal::Invalid { message } | Refusal::Conflict { message } => {
            Fault::new("ValidationError", message)
        }
        other => Fault::common(other),
    }
}
