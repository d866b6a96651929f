//! What is left of a request's body when it has been answered: a refusal often comes before the
//! body was read. HTTP/1.1 has the next request follow that rest on the same connection, so the
//! rest is either read to its end or the connection is announced as closed; a client that is
//! still sending would otherwise find the connection reset and never see its answer.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// The most that is read, bytes, to keep a connection whose request was refused early.
const MOST: u64 = 16 << 20;
/// The longest that is waited for the rest.
const LONGEST: Duration = Duration::from_secs(2);

/// Answers by `next`, then sees to the rest of the request's body.
pub(crate) async fn seen_to(request: Request, next: Next) -> Response {
    let is_one = request.version() < Version::HTTP_2;
    if !is_one || HttpBody::is_end_stream(request.body()) {
        return next.run(request).await;
    }
    let waits_for_leave = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let held = Arc::new(Mutex::new(Held {
        body,
        was_asked_for: false,
    }));
    let shared = Body::new(Shared(held.clone()));
    let mut response = next.run(Request::from_parts(parts, shared)).await;
    // Whoever answers while the body still comes in, reads it to its end.
    let Some(held) = Arc::into_inner(held) else {
        return response;
    };
    let held = held.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Reading would give the leave that the refusal is there to deny.
    let is_denied = waits_for_leave && !held.was_asked_for;
    if is_denied || !is_read(held.body).await {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Reads the rest; whether it came to its end within the bounds.
async fn is_read(mut body: Body) -> bool {
    let reading = async {
        let mut read = 0;
        while read <= MOST {
            match body.frame().await {
                Some(Ok(frame)) => read += frame.data_ref().map_or(0, |data| data.len() as u64),
                Some(Err(_)) => return false,
                None => return true,
            }
        }
        false
    };
    tokio::time::timeout(LONGEST, reading).await == Ok(true)
}

struct Held {
    body: Body,
    was_asked_for: bool,
}

/// The body as the dialects see it.
struct Shared(Arc<Mutex<Held>>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.was_asked_for = true;
        Pin::new(&mut held.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        HttpBody::is_end_stream(&held.body)
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        HttpBody::size_hint(&held.body)
    }
}
