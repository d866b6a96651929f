//! What must hold of the parsers of what strangers send, whatever bytes they get. The property
//! tests of this crate and the targets of `fuzz/` ask the same; a function answers `Err` with what
//! did not hold, and a panic is a finding besides.

use crate::credentials::{Found, Holder, Secret};
use crate::fault::Fault;
use crate::front::{is_for_s3, place};
use crate::protocol::{cbor, json, query};
use crate::runtime::message;
use crate::signature::{Claim, verify};
use crate::{time, validation};
use control::access::Role;
use domain::Workspace;
use http::Request;
use http::request::Parts;
use serde_json::Value;

/// Most levels of a value that any of the parsers may make.
const DEEPEST: usize = 130;
/// Most bytes of a fault's text: ten violations, each of which names a path, a value and the
/// longest of the enumerations.
const LONGEST: usize = 256 << 10;

/// A form of the query protocol.
///
/// # Errors
/// What did not hold.
pub fn form(bytes: &[u8]) -> Result<(), String> {
    match query::read(bytes) {
        Ok((_, members)) => {
            shallow(&members)?;
            if !members.is_object() && !members.is_array() {
                return Err(format!("a form became {members}"));
            }
            Ok(())
        }
        Err(fault) => told(&fault),
    }
}

/// A body of JSON, and the published model of an operation beside it.
///
/// # Errors
/// What did not hold.
pub fn members(operation: &str, bytes: &[u8]) -> Result<(), String> {
    let value = match json::read(bytes) {
        Ok(value) => value,
        Err(fault) => return told(&fault),
    };
    shallow(&value)?;
    let model = &validation::SAGEMAKER;
    match validation::check(model, operation, &value, "ValidationException") {
        Ok(()) => Ok(()),
        Err(fault) => told(&fault),
    }
}

/// A body of CBOR: what is read is the same when it is written and read again.
///
/// # Errors
/// What did not hold.
pub fn map(bytes: &[u8]) -> Result<(), String> {
    let value = match cbor::read(bytes) {
        Ok(value) => value,
        Err(fault) => return told(&fault),
    };
    shallow(&value)?;
    let once = without_nulls(value);
    let again = cbor::read(&cbor::bytes(once.clone())).map_err(|fault| fault.message)?;
    // A time is written with a tag, and read as the number that it is.
    if once.to_string().contains("\\u0001") || again == once {
        return Ok(());
    }
    Err(format!("{once} became {again}"))
}

/// The head of a request, one line for its target and one for each header: nothing is proven by
/// it, since the secret is in nobody's hands.
///
/// # Errors
/// What did not hold.
pub fn signature(text: &str) -> Result<(), String> {
    let Some(parts) = head(text) else {
        return Ok(());
    };
    let _ = crate::is_aws(&parts);
    let _ = is_for_s3(&parts);
    let claim = match Claim::of(&parts) {
        Ok(claim) => claim,
        Err(fault) => return told(&fault),
    };
    let _ = place(&parts, claim.as_ref());
    let Some(claim) = claim else { return Ok(()) };
    let found = Found {
        secret: Secret::new("in nobody's hands"),
        holder: Holder {
            arn: "arn:aws:iam::123456789012:user/nobody".to_owned(),
            user_id: "AIDANOBODY".to_owned(),
            workspace: Workspace::default(),
            role: Role::Administrator,
            session: None,
            active: true,
        },
    };
    // Its own time, so that the clock is no reason to refuse it.
    match verify(&parts, b"", &claim, &found, claim.at) {
        Ok(()) => Err("a signature was made without the secret".to_owned()),
        Err(fault) => told(&fault),
    }
}

fn head(text: &str) -> Option<Parts> {
    let mut lines = text.lines();
    let target = lines.next()?;
    let (method, uri) = target.split_once(' ').unwrap_or(("GET", target));
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines.take(64) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        request = request.header(name, value.trim());
    }
    Some(request.body(()).ok()?.into_parts().0)
}

/// A time in the forms that signatures and requests have it.
///
/// # Errors
/// What did not hold.
pub fn moment(text: &str) -> Result<(), String> {
    match time::basic(text) {
        Some(at) if time::iso(at).is_empty() => Err(format!("`{text}` has no form")),
        _ => Ok(()),
    }
}

/// A message of an event stream, which a reader takes apart again.
///
/// # Errors
/// What did not hold.
pub fn event(payload: &[u8]) -> Result<(), String> {
    let headers = [(":message-type", "event"), (":event-type", "PayloadPart")];
    let message = message(&headers, payload);
    let number = |at: usize| {
        let bytes = message
            .get(at..at + 4)
            .and_then(|four| four.try_into().ok());
        bytes.map(u32::from_be_bytes).ok_or("it is cut")
    };
    let end = message.len().saturating_sub(4);
    let named = 12 + number(4)? as usize;
    let is_right = number(0)? as usize == message.len()
        && number(8)? == crc32fast::hash(&message[..8])
        && number(end)? == crc32fast::hash(&message[..end])
        && message.get(named..end) == Some(payload);
    is_right
        .then_some(())
        .ok_or_else(|| "a message is not in its form".to_owned())
}

/// A fault says something, and not without end.
fn told(fault: &Fault) -> Result<(), String> {
    if fault.code.is_empty() || fault.message.is_empty() {
        return Err("a fault says nothing".to_owned());
    }
    if !fault.status.is_client_error() {
        return Err(format!("{} {}", fault.status, fault.message));
    }
    if fault.message.len() > LONGEST {
        return Err(format!("a fault has {} bytes", fault.message.len()));
    }
    Ok(())
}

fn shallow(value: &Value) -> Result<(), String> {
    let mut level = vec![value];
    for _ in 0..DEEPEST {
        if level.is_empty() {
            return Ok(());
        }
        let deeper = level.into_iter().flat_map(|value| -> Vec<&Value> {
            match value {
                Value::Array(items) => items.iter().collect(),
                Value::Object(members) => members.values().collect(),
                _ => Vec::new(),
            }
        });
        level = deeper.collect();
    }
    Err(format!("a value has more than {DEEPEST} levels"))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(name, value)| (name, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
