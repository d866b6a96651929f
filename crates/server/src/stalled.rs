//! A body of which nothing comes any more: whoever reads it is told that it broke off, so that a
//! client that went silent in the middle holds neither a connection nor a handler for ever.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The longest that a client may be silent in the middle of a body that is being read.
const LONGEST: Duration = Duration::from_secs(30);

/// Answers by `next`, with a body that ends in an error where the client falls silent.
pub(crate) async fn given_up(request: Request, next: Next) -> Response {
    if HttpBody::is_end_stream(request.body()) {
        return next.run(request).await;
    }
    let request = request.map(|body| Body::new(Watched::new(body)));
    next.run(request).await
}

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
#[error("nothing more of the body came for {} seconds", LONGEST.as_secs())]
struct Silent;

/// A body, and until when its next frame must be there. Time counts only while somebody waits for
/// the frame: a server that is slow to read blames nobody.
struct Watched {
    body: Body,
    /// Set while a frame is waited for.
    until: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    fn new(body: Body) -> Self {
        Self { body, until: None }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.until = None;
            return Poll::Ready(frame);
        }
        let until = self.until.get_or_insert_with(|| {
            let end = Instant::now() + LONGEST;
            Box::pin(tokio::time::sleep_until(end))
        });
        match until.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err(axum::Error::new(Silent)))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        HttpBody::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        HttpBody::size_hint(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;
    use std::convert::Infallible;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_falls_silent_breaks_off_and_a_slow_one_does_not() {
        let begun = stream::iter([Ok::<_, Infallible>("ab")]).chain(stream::pending());
        let mut silent = Watched::new(Body::from_stream(begun));
        let first = silent.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "ab");
        let asked = Instant::now();
        let error = silent.frame().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("30 seconds"), "{error}");
        assert_eq!(asked.elapsed(), LONGEST);

        let slow = stream::iter(["a", "b", "c"]).then(|text| async move {
            tokio::time::sleep(LONGEST / 2).await;
            Ok::<_, Infallible>(text)
        });
        let slow = Watched::new(Body::from_stream(slow));
        assert_eq!(slow.collect().await.unwrap().to_bytes(), "abc");
    }
}
