//! `POST /functions/{name}/invoke`: calls a function with a JSON event.

use crate::native::access::Authenticated;
use crate::native::extract::{Path, Payload, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::functions::FunctionAnswer;
use control::functions::EventCall;
use domain::function::Qualifier;
use domain::{FunctionName, Refusal};
use http::StatusCode;

pub(super) const DESCRIBED: Described = Described {
    id: "invoke_function",
    method: "post",
    path: "/api/v1/functions/{name}/invoke",
    summary: "calls a function with a JSON event; `later=true` takes the event in and answers at once",
    query: &["qualifier", "later"],
    takes: None,
    gives: None,
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    qualifier: String,
    #[serde(default)]
    later: bool,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Query(which): Query<Which>,
    Payload(payload): Payload,
) -> Result<Response, Fault> {
    let qualifier = Qualifier::try_from(which.qualifier);
    let call = EventCall {
        qualifier: qualifier.map_err(|message| Fault(Refusal::Invalid { message }))?,
        payload,
        ..EventCall::default()
    };
    if which.later {
        let id = native
            .control
            .invoke_function_later(&caller, &name, &call)
            .await?;
        let body = axum::Json(serde_json::json!({"request": id}));
        return Ok((StatusCode::ACCEPTED, body).into_response());
    }
    let answer = native
        .control
        .invoke_function(&caller, &name, &call)
        .await?;
    Ok(render(answer))
}

/// The payload as the body; what else is known of the call in headers.
fn render(answer: FunctionAnswer) -> Response {
    let milliseconds =
        |duration: std::time::Duration| format!("{:.3}", duration.as_secs_f64() * 1e3);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("tradewind-function-version", answer.version),
        ("tradewind-function-start", answer.start.to_owned()),
        (
            "tradewind-function-milliseconds",
            milliseconds(answer.duration),
        ),
        ("tradewind-function-log", STANDARD.encode(answer.tail)),
    ];
    if let Some(init) = answer.init {
        headers.push(("tradewind-function-init-milliseconds", milliseconds(init)));
    }
    if let Some(fault) = answer.fault {
        let word = serde_json::to_value(fault).unwrap_or_default();
        headers.push((
            "tradewind-function-fault",
            word.as_str().unwrap_or("raised").to_owned(),
        ));
    }
    let mut response = answer.payload.into_response();
    for (name, value) in headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
