//! HTTP on a stream, whatever the stream is: plain, or TLS inside of a tunnel.

use super::prompt::Prompt;
use super::{Patience, stopped};
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// Streams of one HTTP/2 connection at once.
const STREAMS: u32 = 256;

/// Most bytes of a request's fields over HTTP/2.
const FIELDS: u32 = 64 << 10;

/// How often an HTTP/2 client that is silent is asked whether it lives.
const PING: Duration = Duration::from_secs(30);

/// Answers the requests of a stream until it ends, its client is too slow, or the server stops.
pub(super) async fn speak<S, F, A>(
    stream: S,
    patience: Patience,
    mut halted: watch::Receiver<bool>,
    answer: F,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> A + Send + 'static,
    A: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(FIELDS);
    let stream = TokioIo::new(Prompt::new(stream, patience.greeting));
    let service = service_fn(answer);
    let mut connection = pin!(builder.serve_connection_with_upgrades(stream, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut halted) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke");
    }
}
