//! Smithy RPC v2 in CBOR: the operation in the path, one CBOR map as body
//! (<https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>).

use super::{compatible, moment, respond};
use crate::fault::Fault;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ciborium::value::{Integer, Value as Cbor};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Number, Value, json};

const CONTENT_TYPE: &str = "application/cbor";
/// The tag of seconds since 1970 (RFC 8949 §3.4.2).
const EPOCH: u64 = 1;
/// Most levels of a request.
const DEEPEST: usize = 64;

/// The service and the operation of a path: `/service/Name/operation/Name`.
pub(crate) fn operation(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.strip_prefix('/')?.split('/');
    match (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) {
        (Some("service"), Some(service), Some("operation"), Some(operation), None) => {
            Some((service, operation))
        }
        _ => None,
    }
}

/// The request's members; no body means none. Times become seconds, bytes base64.
pub(crate) fn read(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let bad = |text: String| Fault::new("SerializationException", text);
    let mut rest = body;
    let value: Cbor = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEEPEST)
        .map_err(|error| bad(format!("the body is not CBOR: {error}")))?;
    if !rest.is_empty() {
        return Err(bad("the body goes on after its end".to_owned()));
    }
    match plain(value) {
        Some(value @ Value::Object(_)) => Ok(value),
        _ => Err(bad("the body is not a map of members".to_owned())),
    }
}

fn plain(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => Value::Bool(value),
        Cbor::Integer(value) => match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => json!(value),
            (_, Ok(value)) => json!(value),
            _ => return None,
        },
        Cbor::Float(value) => Value::Number(Number::from_f64(value)?),
        Cbor::Text(value) => Value::String(value),
        Cbor::Bytes(value) => Value::String(BASE64_STANDARD.encode(value)),
        Cbor::Tag(EPOCH, value) => plain(*value).filter(Value::is_number)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(plain).collect::<Option<_>>()?),
        Cbor::Map(members) => {
            let mut all = Map::new();
            for (name, value) in members {
                let Cbor::Text(name) = name else { return None };
                all.insert(name, plain(value)?);
            }
            Value::Object(all)
        }
        _ => return None,
    })
}

fn written(value: Value) -> Cbor {
    if let Some(at) = moment::of(&value) {
        let seconds = at.0 as f64 / 1_000.0;
        return Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds)));
    }
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Cbor::Integer(Integer::from(value)),
            (_, Some(value)) => Cbor::Integer(Integer::from(value)),
            _ => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text),
        Value::Array(items) => Cbor::Array(items.into_iter().map(written).collect()),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            Cbor::Map(
                members
                    .map(|(name, value)| (Cbor::Text(name), written(value)))
                    .collect(),
            )
        }
    }
}

/// A value as it is written.
pub(crate) fn bytes(value: Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = ciborium::into_writer(&written(value), &mut bytes) {
        tracing::error!(%error, "an answer cannot be written as CBOR");
    }
    bytes
}

fn with_protocol(mut response: Response) -> Response {
    let protocol = HeaderValue::from_static("rpc-v2-cbor");
    response.headers_mut().insert("smithy-protocol", protocol);
    response
}

/// An answer.
pub(crate) fn answer(value: Value, request_id: &str) -> Response {
    with_protocol(respond(
        StatusCode::OK,
        CONTENT_TYPE,
        bytes(value),
        request_id,
    ))
}

/// A fault, with the code that the query protocol has for it in a header.
pub(crate) fn fault(fault: &Fault, namespace: &str, request_id: &str) -> Response {
    let mut body = json!({
        "__type": format!("{namespace}#{}", fault.code),
        "message": fault.message,
    });
    for (name, value) in &fault.members {
        body[*name] = value.clone();
    }
    let response = respond(fault.status, CONTENT_TYPE, bytes(body), request_id);
    compatible::with_code(with_protocol(response), fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn values_go_through_and_times_are_tagged() {
        let value = json!({
            "A": [1, -2, 1.5, true, "x", null],
            "At": moment::marked(Timestamp(1_500)),
        });
        let read = read(&bytes(value)).unwrap();
        assert_eq!(read, json!({"A": [1, -2, 1.5, true, "x", null], "At": 1.5}));
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let deep = [vec![0x81; 100_000], vec![0x00]].concat();
        let huge = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for body in [
            &deep[..],
            &huge,
            &[0xa1, 0x61],
            &[0xff],
            &[0x80],
            &[0xa0, 0xa0],
            &[0xa1, 0x01, 0x01],
        ] {
            assert_eq!(read(body).unwrap_err().code, "SerializationException");
        }
        assert_eq!(read(&[]).unwrap(), json!({}));
    }

    #[test]
    fn paths_name_operations() {
        let path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
        let found = Some(("GraniteServiceVersion20100801", "ListMetrics"));
        assert_eq!(operation(path), found);
        assert_eq!(operation("/service/a/operation"), None);
        assert_eq!(operation("/service/a/operation/b/c"), None);
    }
}
