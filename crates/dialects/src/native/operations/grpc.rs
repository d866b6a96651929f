//! `POST /inference.GRPCInferenceService/…`: the Open Inference Protocol over gRPC, answered by the
//! data plane itself. Calls are unary, so a request is one frame and an answer one frame and
//! trailers (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md).

use crate::native::access::caller;
use crate::native::extract::Payload;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use domain::Refusal;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serving::oip::grpc::{GrpcCall, GrpcError, call};
use std::convert::Infallible;
use std::time::Duration;

/// What the server says of its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a caller waits who says nothing.
const USUAL: Duration = Duration::from_mins(1);

/// What comes before a message: whether it is compressed, and its length.
const FRAME: usize = 5;

pub(in crate::native) async fn grpc(
    State(native): State<Native>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if !is_grpc {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    match answer(&native, method, request).await {
        Ok(message) => framed(&message),
        Err(error) => failed(&error),
    }
}

async fn answer(native: &Native, method: String, request: Request) -> Result<Bytes, GrpcError> {
    let headers = request.headers().clone();
    let caller = caller(native, &headers).await.map_err(refused)?;
    caller.may_invoke().map_err(refused)?;
    let body = Payload::from_request(request, native).await;
    let Payload(body) = body.map_err(|Fault(refusal)| refused(refusal))?;
    let deadline = headers.get("grpc-timeout").and_then(timeout);
    let asked = GrpcCall {
        method,
        message: message(&body)?,
        deadline: deadline.unwrap_or(USUAL).min(USUAL),
        headers,
    };
    call(&native.endpoints, &caller.workspace, VERSION, asked).await
}

fn invalid(message: &str) -> GrpcError {
    GrpcError {
        code: 3,
        message: message.to_owned(),
    }
}

/// The one message of a body.
fn message(body: &Bytes) -> Result<Bytes, GrpcError> {
    let (frame, rest) = body
        .split_first_chunk::<FRAME>()
        .ok_or_else(|| invalid("the body has no frame"))?;
    let [compressed, length @ ..] = *frame;
    if compressed != 0 {
        return Err(GrpcError {
            code: 12,
            message: "compressed messages are not served".to_owned(),
        });
    }
    if u32::from_be_bytes(length) as usize != rest.len() {
        return Err(invalid(
            "the body is not one frame of the length that it says",
        ));
    }
    Ok(body.slice(FRAME..))
}

/// At most eight digits and a unit.
fn timeout(value: &HeaderValue) -> Option<Duration> {
    let (digits, unit) = value
        .to_str()
        .ok()?
        .split_at_checked(value.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3_600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

fn refused(refusal: Refusal) -> GrpcError {
    let code = match &refusal {
        Refusal::Unauthenticated { .. } => 16,
        Refusal::Forbidden { .. } => 7,
        Refusal::Throttled { .. } => 8,
        Refusal::Unavailable { .. } => 14,
        Refusal::Internal { .. } => 13,
        _ => 3,
    };
    GrpcError {
        code,
        message: refusal.to_string(),
    }
}

fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    let kind = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn framed(message: &[u8]) -> Response {
    let Ok(length) = u32::try_from(message.len()) else {
        return failed(&invalid("the answer is larger than a frame can be"));
    };
    let mut frame = BytesMut::with_capacity(FRAME + message.len());
    frame.put_u8(0);
    frame.put_u32(length);
    frame.put_slice(message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(frame.freeze())
        .with_trailers(std::future::ready(Some(Ok::<_, Infallible>(trailers))));
    response(Body::new(body))
}

/// An answer of trailers alone.
fn failed(error: &GrpcError) -> Response {
    let mut response = response(Body::empty());
    let headers = response.headers_mut();
    headers.insert("grpc-status", HeaderValue::from(u16::from(error.code)));
    if let Ok(text) = HeaderValue::from_str(&percent_encoded(&error.message)) {
        headers.insert("grpc-message", text);
    }
    response
}

/// All but printable ASCII is encoded, and `%` itself.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (b' '..=b'~').contains(&byte) && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_one_and_whole() {
        let body = |bytes: &'static [u8]| message(&Bytes::from_static(bytes));
        assert_eq!(body(&[0, 0, 0, 0, 2, 7, 8]).unwrap(), [7, 8][..]);
        assert_eq!(body(&[0, 0, 0, 0, 0]).unwrap(), [0; 0][..]);
        for broken in [
            &[][..],
            &[0, 0, 0, 0],
            &[0, 0, 0, 0, 3, 1, 2],
            &[0, 0, 0, 0, 1, 1, 2],
        ] {
            assert_eq!(message(&Bytes::from_static(broken)).unwrap_err().code, 3);
        }
        assert_eq!(body(&[1, 0, 0, 0, 0]).unwrap_err().code, 12);
    }

    #[test]
    fn timeouts_and_texts_are_those_of_the_protocol() {
        let read = |text: &'static str| timeout(&HeaderValue::from_static(text));
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        for broken in ["", "S", "123456789S", "1x", "-1S"] {
            assert_eq!(read(broken), None, "{broken}");
        }
        assert_eq!(percent_encoded("50 % ä\n"), "50 %25 %C3%A4%0A");
    }
}
