//! `InvokeEndpointAsync`: the request's object is answered later, into the bucket that the
//! endpoint's configuration names
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html>).

use super::invoke_endpoint::{endpoint_name, missing};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::asynchronous::{self, Queued};
use crate::sagemaker::endpoints;
use crate::sagemaker::jobs::channels::s3;
use crate::sagemaker::reach::{self, Reach};
use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

const INPUT: &str = "x-amzn-sagemaker-inputlocation";
const OUTPUT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-outputlocation");
const FAILURE: HeaderName = HeaderName::from_static("x-amzn-sagemaker-failurelocation");

/// Keeps the request; it is answered in the background.
pub(super) async fn answer(
    call: &Call<'_>,
    endpoint: &str,
    parts: &Parts,
) -> Result<Response, Fault> {
    let name = endpoint_name(endpoint);
    let text = |header: &str| {
        let value = parts
            .headers
            .get(header)
            .and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let wrong = |message: String| Fault::new("ValidationError", message);
    let found = endpoints::find(call, &name)
        .await?
        .ok_or_else(|| missing(call, &name))?;
    let config = asynchronous::of_config(call, &found.document.config).await?;
    let config = config.ok_or_else(|| {
        wrong(format!(
            "Endpoint {name} is not set up for asynchronous inference"
        ))
    })?;
    let input = text(INPUT).ok_or_else(|| wrong("InputLocation must be given".to_owned()))?;
    s3("inputLocation", &input).map_err(|fault| wrong(fault.message))?;
    let id = text("x-amzn-sagemaker-inference-id");
    let id = id.unwrap_or_else(|| call.request_id.to_owned());
    let queued = Queued::new(call, found.endpoint.name.clone(), &config, input).with_types(
        text("x-amzn-sagemaker-content-type"),
        text("x-amzn-sagemaker-accept"),
    );
    let role = reach::role_of_config(call, &found.document.config).await?;
    let reach = Reach::of(call, role.as_deref()).await?;
    reach.read(&queued.input).await?;
    reach.write(&queued.output).await?;
    asynchronous::keep(call, &queued).await?;
    let body = json!({"InferenceId": id}).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::ACCEPTED;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let texts = [
        (OUTPUT, Some(queued.output.as_str())),
        (FAILURE, queued.failure.as_deref()),
        (super::invoke_endpoint::REQUEST_ID, Some(call.request_id)),
    ];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}
