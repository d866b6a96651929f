//! The query protocol: a form with `Action`, lists as `Name.member.1`, XML back
//! (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>).

use super::respond;
use crate::fault::Fault;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value};
use std::fmt::Write as _;

pub(super) const CONTENT_TYPE: &str = "text/xml";

/// Most levels of a parameter's name.
const DEEPEST: usize = 16;

/// The action and its members; `A.member.1.B` becomes a list of objects. Numbers and booleans
/// stay text, as the form has no types.
pub(crate) fn read(body: &[u8]) -> Result<(String, Value), Fault> {
    let mut members = Value::Object(Map::new());
    let mut action = None;
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "Action" => action = Some(value.into_owned()),
            "Version" => {}
            _ => {
                let parts: Vec<&str> = name.split('.').collect();
                if parts.len() > DEEPEST {
                    return Err(Fault::new(
                        "MalformedInput",
                        "a parameter is nested too deeply",
                    ));
                }
                insert(&mut members, &parts, value.into_owned())?;
            }
        }
    }
    let action = action.ok_or_else(|| Fault::new("MissingAction", "the form has no `Action`"))?;
    Ok((action, lists(members)))
}

fn insert(into: &mut Value, parts: &[&str], value: String) -> Result<(), Fault> {
    let clash = || {
        Fault::new(
            "MalformedInput",
            "a parameter is both a text and a structure",
        )
    };
    let Value::Object(map) = into else {
        return Err(clash());
    };
    let Some((first, rest)) = parts.split_first() else {
        return Err(clash());
    };
    if rest.is_empty() {
        map.insert((*first).to_owned(), Value::String(value));
        return Ok(());
    }
    let next = map
        .entry((*first).to_owned())
        .or_insert_with(|| Value::Object(Map::new()));
    insert(next, rest, value)
}

/// Objects that have nothing but numbers, below `member` or not, are lists; maps are written
/// `entry.N.key` and `entry.N.value`.
fn lists(value: Value) -> Value {
    let Value::Object(mut map) = value else {
        return value;
    };
    if map.len() == 1
        && let Some(inner) = map.remove("member")
    {
        return match lists(inner) {
            list @ Value::Array(_) => list,
            other => Value::Object(Map::from_iter([("member".to_owned(), other)])),
        };
    }
    let mut numbered: Vec<(u32, Value)> = Vec::new();
    let all = !map.is_empty() && map.keys().all(|key| key.parse::<u32>().is_ok());
    if all {
        for (key, value) in map {
            numbered.push((key.parse().unwrap_or(0), lists(value)));
        }
        numbered.sort_by_key(|(number, _)| *number);
        return Value::Array(numbered.into_iter().map(|(_, value)| value).collect());
    }
    Value::Object(
        map.into_iter()
            .map(|(key, value)| (key, lists(value)))
            .collect(),
    )
}

/// An answer: `<ActionResponse><ActionResult>…`. An operation that says nothing has no result.
pub(crate) fn answer(action: &str, value: &Value, namespace: &str, request_id: &str) -> Response {
    let mut text = format!("<{action}Response xmlns=\"{namespace}\">");
    if value.as_object().is_none_or(|members| !members.is_empty()) {
        let _ = write!(text, "<{action}Result>");
        members(value, "member", &mut text);
        let _ = write!(text, "</{action}Result>");
    }
    let _ = write!(
        text,
        "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </{action}Response>"
    );
    respond(StatusCode::OK, CONTENT_TYPE, text.into_bytes(), request_id)
}

/// A fault: `<ErrorResponse><Error>…`.
pub(crate) fn fault(fault: &Fault, namespace: &str, request_id: &str) -> Response {
    let kind = if fault.status.is_server_error() {
        "Receiver"
    } else {
        "Sender"
    };
    let text = format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{}</Code>\
         <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        escape(&fault.code),
        escape(&fault.message)
    );
    respond(fault.status, CONTENT_TYPE, text.into_bytes(), request_id)
}

/// Writes the members of a structure; the elements of lists are named `item`.
pub(super) fn members(value: &Value, item: &str, text: &mut String) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let _ = write!(text, "<{name}>");
                members(value, item, text);
                let _ = write!(text, "</{name}>");
            }
        }
        Value::Array(elements) => {
            for element in elements {
                let _ = write!(text, "<{item}>");
                members(element, item, text);
                let _ = write!(text, "</{item}>");
            }
        }
        Value::String(plain) => text.push_str(&escape(plain)),
        other => text.push_str(&other.to_string()),
    }
}

/// Text for an XML element; characters that XML cannot have are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_and_structures_are_read_out_of_names() {
        let form = b"Action=X&Version=1&A.member.2=b&A.member.1=a&B.C=d&E.entry.1.key=k";
        let (action, members) = read(form).unwrap();
        assert_eq!(action, "X");
        let expected = json!({"A": ["a", "b"], "B": {"C": "d"}, "E": {"entry": [{"key": "k"}]}});
        assert_eq!(members, expected);
    }

    #[test]
    fn hostile_forms_are_refused() {
        assert_eq!(read(b"A=1").unwrap_err().code, "MissingAction");
        assert_eq!(
            read(b"Action=X&A=1&A.B=2").unwrap_err().code,
            "MalformedInput"
        );
        let deep = format!("Action=X&{}=1", "a.".repeat(100));
        assert_eq!(read(deep.as_bytes()).unwrap_err().code, "MalformedInput");
    }

    #[test]
    fn answers_are_escaped() {
        let mut text = String::new();
        let value = json!({"A": ["<&\u{1}"], "N": null, "T": true});
        members(&value, "member", &mut text);
        assert_eq!(text, "<A><member>&lt;&amp;</member></A><T>true</T>");
    }
}
