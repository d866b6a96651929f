//! `invoke`: a function is called with an event.

use super::predict::payload;
use crate::arguments::InvokeArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Response};
use serde_json::{Value, json};

pub(super) async fn run(
    client: &Client,
    wanted: &InvokeArguments,
    output: Output,
) -> Result<(), Failure> {
    let (event, _) = payload(&wanted.event)?;
    let (name, qualifier) = wanted.name.split_once(':').unwrap_or((&wanted.name, ""));
    let query = [
        ("qualifier", qualifier.to_owned()),
        ("later", wanted.later.to_string()),
    ];
    let request = client
        .request_with(Method::POST, &["functions", name, "invoke"], &query)
        .body(event);
    let response = client.send(request).await?;
    let header = |response: &Response, name: &str| {
        let value = response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let fault = header(&response, "tradewind-function-fault");
    let start = header(&response, "tradewind-function-start");
    let took = header(&response, "tradewind-function-milliseconds");
    let log = header(&response, "tradewind-function-log");
    let body = response
        .bytes()
        .await
        .map_err(|error| Failure::Unreachable(format!("the answer broke off: {error}")))?;
    let text = String::from_utf8_lossy(&body).into_owned();
    if wanted.log
        && let Some(log) = log.and_then(|log| STANDARD.decode(log).ok())
    {
        output.note(String::from_utf8_lossy(&log).trim_end());
    }
    let payload = serde_json::from_str(&text).unwrap_or(Value::String(text.clone()));
    output.document(&json!({
        "payload": payload, "fault": fault, "start": start,
        "milliseconds": took.and_then(|took| took.parse::<f64>().ok()),
    }));
    output.say(&text);
    match fault {
        None => Ok(()),
        Some(fault) => {
            let told = payload
                .get("errorMessage")
                .and_then(Value::as_str)
                .unwrap_or(&text);
            Err(Failure::Failed(format!(
                "the function failed ({fault}): {told}"
            )))
        }
    }
}
