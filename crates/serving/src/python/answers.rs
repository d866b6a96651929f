//! What a worker's replies mean.

use super::messages::{Part, PartReply, Reply};
use crate::call::{Answer, Call};
use crate::replica::ReplicaError;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

/// Whether a header that user code set may go out: no line breaks, and none that frames the body or
/// is between two ends of a connection (RFC 9110 §7.6.1).
fn sendable(name: &str, value: &str) -> bool {
    const OURS: [&str; 8] = [
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
    ];
    HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !OURS.contains(&name.as_str()))
        && HeaderValue::from_str(value).is_ok()
}

/// The answer in a reply; none when it is not the answer to this call.
pub(super) fn understand(
    reply: Reply,
    body: Bytes,
    asked: Option<u64>,
) -> Option<Result<Answer, ReplicaError>> {
    match reply {
        Reply::Answer {
            id,
            status,
            content_type,
            headers,
            datatype,
        } if asked.is_none_or(|asked| asked == id) => {
            // An informational status ends no request.
            let status = StatusCode::from_u16(status).ok();
            let status = status.filter(|status| !status.is_informational());
            let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
            let headers = headers
                .into_iter()
                .filter(|(k, v)| sendable(k, v))
                .collect();
            let content_type = match HeaderValue::from_str(&content_type) {
                Ok(_) => content_type,
                Err(_) => "application/octet-stream".to_owned(),
            };
            Some(Ok(Answer {
                status,
                content_type,
                headers,
                datatype,
                body,
            }))
        }
        Reply::Refused {
            id,
            status,
            message,
        } if asked.is_none_or(|asked| asked == id) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Some(Err(ReplicaError::Refused { status, message }))
        }
        Reply::Error { id, error, .. } if asked.is_none_or(|asked| asked == id) => {
            Some(Err(ReplicaError::Fault(Box::new(error))))
        }
        _ => None,
    }
}

/// The answers in a reply; none when they are not the answers to these calls.
pub(super) fn understand_many(
    reply: Reply,
    mut body: Bytes,
    asked: u64,
    count: usize,
) -> Option<Vec<Result<Answer, ReplicaError>>> {
    let Reply::Answers { id, answers } = reply else {
        return None;
    };
    if id != asked || answers.len() != count {
        return None;
    }
    let mut results = Vec::with_capacity(count);
    for PartReply { length, reply } in answers {
        if length > body.len() {
            return None;
        }
        results.push(understand(reply, body.split_to(length), None)?);
    }
    Some(results)
}

pub(super) fn part(call: &Call) -> Part<'_> {
    Part {
        content_type: &call.content_type,
        accept: &call.accept,
        length: call.body.len(),
    }
}
