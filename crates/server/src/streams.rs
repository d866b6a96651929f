//! Streams that follow something end when the server is told to stop: their clients would otherwise
//! hold it up for the whole time that requests under way are given. Each event has an id to go on from.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::watch;

/// Answers by `next`; a stream of server-sent events ends when `halted` turns true.
pub(crate) async fn ended(
    State(halted): State<watch::Receiver<bool>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return response;
    }
    response.map(|body| Body::new(Until::new(body, halted)))
}

/// A body that ends early when the server is told to stop.
struct Until {
    body: Body,
    halt: Pin<Box<dyn Future<Output = ()> + Send>>,
    over: bool,
}

impl Until {
    fn new(body: Body, mut halted: watch::Receiver<bool>) -> Self {
        let halt = Box::pin(async move {
            // Nobody says any more that it goes on: it is over too.
            let _ = halted.wait_for(|halted| *halted).await;
        });
        Self {
            body,
            halt,
            over: false,
        }
    }
}

impl HttpBody for Until {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        if self.halt.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.over = true;
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.over || HttpBody::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use tower::Service;

    fn open(kind: &'static str) -> Response {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"data: 1\n\n"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        Response::builder()
            .header(header::CONTENT_TYPE, kind)
            .body(body)
            .unwrap()
    }

    #[tokio::test]
    async fn an_open_stream_of_events_ends_when_the_server_is_told_to_stop() {
        let (halt, halted) = watch::channel(false);
        let mut router: Router = Router::new()
            .route(
                "/events",
                get(|| async { open("text/event-stream; charset=utf-8") }),
            )
            .route("/object", get(|| async { open("application/json") }))
            .layer(axum::middleware::from_fn_with_state(halted, ended));
        let mut ask = async |path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answered = Service::<Request>::call(&mut router, request).await;
            let mut body = answered.unwrap().into_body();
            let first = body.frame().await.unwrap().unwrap();
            assert_eq!(first.into_data().unwrap(), "data: 1\n\n");
            body
        };
        let events = ask("/events").await;
        let mut object = ask("/object").await;
        halt.send(true).unwrap();
        assert_eq!(events.collect().await.unwrap().to_bytes(), "");
        // An object that is being sent is sent to its end.
        let more = futures::poll!(object.frame());
        assert!(more.is_pending());
    }
}
