//! `predict`: a payload is sent to an endpoint.

use crate::arguments::PredictArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use reqwest::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

pub(super) async fn run(
    client: &Client,
    wanted: &PredictArguments,
    output: Output,
) -> Result<(), Failure> {
    let (body, told) = payload(&wanted.payload)?;
    let content_type = wanted
        .content_type
        .clone()
        .unwrap_or_else(|| told.to_owned());
    let path = ["endpoints", wanted.endpoint.as_str(), "predict"];
    let mut request = client
        .request(Method::POST, &path)
        .header("content-type", content_type)
        .header("accept", &wanted.accept)
        .body(body);
    if let Some(deployment) = &wanted.deployment {
        request = request.header("tradewind-deployment", deployment);
    }
    let response = client.send(request).await?;
    let header = |name: &str| {
        let value = response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (version, took) = (
        header("tradewind-model-version"),
        header("tradewind-microseconds"),
    );
    let body = response
        .bytes()
        .await
        .map_err(|error| Failure::Unreachable(format!("the answer broke off: {error}")))?;
    if output.json {
        let text = String::from_utf8_lossy(&body);
        let answer = serde_json::from_str(&text).unwrap_or(Value::String(text.into_owned()));
        let took: Option<u64> = took.parse().ok();
        output.value(&json!({"answer": answer, "version": version, "microseconds": took}));
        return Ok(());
    }
    output.bytes(&body);
    if output.terminal {
        output.raw("");
        let milliseconds = took.parse::<u64>().unwrap_or(0) as f64 / 1_000.0;
        output.note(format!("{version} answered in {milliseconds:.1} ms"));
    }
    Ok(())
}

/// The payload that was meant and the media type that its form tells: standard input for `-`, JSON
/// itself, else a file. A name such as `3` or `true` is a file where there is one.
pub(super) fn payload(text: &str) -> Result<(Vec<u8>, &'static str), Failure> {
    if text == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Failure::here(format!("standard input cannot be read: {error}")))?;
        return Ok((bytes, "application/json"));
    }
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    if text.trim_start().starts_with(['{', '[']) || (is_json() && !Path::new(text).exists()) {
        return Ok((text.as_bytes().to_vec(), "application/json"));
    }
    let bytes = std::fs::read(text).map_err(|error| {
        Failure::usage(format!(
            "the payload `{text}` is neither JSON nor a readable file: {error}"
        ))
    })?;
    let told = match Path::new(text)
        .extension()
        .and_then(|ending| ending.to_str())
    {
        Some("csv") => "text/csv",
        Some("npy") => "application/x-npy",
        _ => "application/json",
    };
    Ok((bytes, told))
}
