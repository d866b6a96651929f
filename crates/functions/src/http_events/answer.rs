//! What a function returned, as an HTTP response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contracts::functions::HttpResponse;
use domain::function::ApiPayload;
use serde_json::{Map, Value};

/// The response; none when the answer is malformed, which API Gateway answers as a failure.
pub(super) fn response(answer: &Bytes, payload: ApiPayload) -> Option<HttpResponse> {
    let value: Value = serde_json::from_slice(answer).ok()?;
    let map = match value {
        Value::Object(map) if map.contains_key("statusCode") => map,
        // Format 2.0 takes anything else for the body of a response with the status 200.
        other if payload == ApiPayload::V2 => return Some(inferred(&other)),
        _ => return None,
    };
    let status = match map.get("statusCode")? {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let mut headers = Vec::new();
    collect(map.get("headers"), &mut headers)?;
    // Of both, the lists win.
    if let Some(Value::Object(lists)) = map.get("multiValueHeaders") {
        headers.retain(|(name, _)| !lists.keys().any(|other| other.eq_ignore_ascii_case(name)));
        collect(map.get("multiValueHeaders"), &mut headers)?;
    }
    if let Some(Value::Array(cookies)) = map.get("cookies") {
        for cookie in cookies {
            headers.push(("set-cookie".to_owned(), cookie.as_str()?.to_owned()));
        }
    }
    if !headers.iter().any(|(name, _)| name == "content-type") {
        let usual = match payload {
            ApiPayload::V1 => "application/json",
            ApiPayload::V2 => "text/plain;charset=utf-8",
        };
        headers.push(("content-type".to_owned(), usual.to_owned()));
    }
    Some(HttpResponse {
        status,
        headers,
        body: body(&map, payload)?,
    })
}

fn inferred(value: &Value) -> HttpResponse {
    let body = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    HttpResponse {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(body),
    }
}

fn collect(found: Option<&Value>, headers: &mut Vec<(String, String)>) -> Option<()> {
    let map = match found {
        None | Some(Value::Null) => return Some(()),
        Some(Value::Object(map)) => map,
        Some(_) => return None,
    };
    for (name, value) in map {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            headers.push((name.to_ascii_lowercase(), text(value)?));
        }
    }
    Some(())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn body(map: &Map<String, Value>, payload: ApiPayload) -> Option<Bytes> {
    let encoded = map
        .get("isBase64Encoded")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    match map.get("body") {
        None | Some(Value::Null) => Some(Bytes::new()),
        Some(Value::String(text)) if encoded => STANDARD.decode(text).ok().map(Bytes::from),
        Some(Value::String(text)) => Some(Bytes::from(text.clone())),
        // Format 1.0 wants text; 2.0 writes what it gets.
        Some(_) if payload == ApiPayload::V1 => None,
        Some(other) => Some(Bytes::from(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, payload: ApiPayload) -> Option<HttpResponse> {
        response(&Bytes::copy_from_slice(text.as_bytes()), payload)
    }

    #[test]
    fn proxy_responses_are_read() {
        let text = r#"{"statusCode": 201, "headers": {"X-One": "1", "Content-Type": "text/html"},
            "multiValueHeaders": {"x-one": ["2", "3"]}, "body": "aGk=", "isBase64Encoded": true}"#;
        let got = of(text, ApiPayload::V1).unwrap();
        assert_eq!((got.status, &got.body[..]), (201, &b"hi"[..]));
        let ones = got.headers.iter().filter(|(name, _)| name == "x-one");
        assert_eq!(
            ones.map(|(_, v)| v.as_str()).collect::<Vec<_>>(),
            ["2", "3"]
        );
    }

    #[test]
    fn malformed_ones_are_failures_and_format_two_infers() {
        for bad in [
            "[]",
            r#"{"body": "x"}"#,
            r#"{"statusCode": "many"}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"statusCode": 200, "headers": ["a"]}"#,
        ] {
            assert_eq!(of(bad, ApiPayload::V1), None, "{bad}");
        }
        assert_eq!(
            &of(r#"{"a":1}"#, ApiPayload::V2).unwrap().body[..],
            br#"{"a":1}"#
        );
        assert_eq!(&of(r#""hi""#, ApiPayload::V2).unwrap().body[..], b"hi");
    }
}
