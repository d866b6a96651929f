//! `Invoke` (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>).

use crate::fault::Fault;
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, render};
use crate::protocol::respond;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control::functions::EventCall;
use domain::function::Qualifier;
use domain::{FunctionName, Refusal};
use http::{HeaderValue, StatusCode};

/// Calls a function: and waits, takes the event in, or only tries whether it could.
pub(in crate::lambda) async fn invoke(asked: &Asked<'_>, part: &str) -> Result<Response, Fault> {
    let (name, qualifier) = asked.function(part)?;
    let call = event(asked, &name, qualifier)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let id = asked.call.request_id;
    let empty = |status| respond(status, "application/json", Vec::new(), id);
    match asked
        .header("x-amz-invocation-type")
        .unwrap_or("RequestResponse")
    {
        "DryRun" => {
            let allowed = control.may_invoke_function(&caller, &name, &call).await;
            allowed.map_err(refused)?;
            return Ok(empty(StatusCode::NO_CONTENT));
        }
        "Event" => {
            let taken = control.invoke_function_later(&caller, &name, &call).await;
            taken.map_err(refused)?;
            return Ok(empty(StatusCode::ACCEPTED));
        }
        "RequestResponse" => {}
        other => {
            return Err(parameter(format!(
                "the invocation type `{other}` is unknown"
            )));
        }
    }
    let answered = control.invoke_function(&caller, &name, &call).await;
    let answer = answered.map_err(refused)?;
    let mut response = respond(
        StatusCode::OK,
        "application/json",
        answer.payload.to_vec(),
        id,
    );
    let mut set = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            response.headers_mut().insert(name, value);
        }
    };
    set("x-amz-executed-version", &answer.version);
    if answer.fault.is_some() {
        set("x-amz-function-error", "Unhandled");
    }
    if asked.header("x-amz-log-type") == Some("Tail") {
        set("x-amz-log-result", &STANDARD.encode(&answer.tail));
    }
    Ok(response)
}

/// `InvokeAsync`, which `Invoke` replaced: takes an event in.
pub(in crate::lambda) async fn invoke_async(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, qualifier) = asked.function(part)?;
    let call = event(asked, &name, qualifier)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let taken = control.invoke_function_later(&caller, &name, &call).await;
    taken.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, serde_json::json!({})))
}

fn event(asked: &Asked<'_>, name: &FunctionName, qualifier: Qualifier) -> Result<EventCall, Fault> {
    let context = match asked.header("x-amz-client-context") {
        None => None,
        Some(text) => {
            let bytes = STANDARD.decode(text).ok();
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            let parsed =
                text.filter(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
            Some(parsed.ok_or_else(|| {
                Fault::new(
                    "InvalidRequestContentException",
                    "Client context must be a valid Base64-encoded JSON object.",
                )
            })?)
        }
    };
    let text = qualifier.to_string();
    let named = Some(text.as_str()).filter(|_| qualifier != Qualifier::Latest);
    Ok(EventCall {
        invoked: Some(render::arn(asked, name, named)),
        qualifier,
        payload: asked.body.clone(),
        client_context: context,
        request: None,
    })
}

/// Events that are no JSON have a code of their own.
fn refused(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Invalid { message } if message.contains("is not JSON") => Fault::new(
            "InvalidRequestContentException",
            format!("Could not parse request body into json: {message}"),
        ),
        Refusal::Invalid { message } if message.contains("are possible") => {
            Fault::new("RequestTooLargeException", message)
                .with_status(StatusCode::PAYLOAD_TOO_LARGE)
        }
        other => of(other),
    }
}
