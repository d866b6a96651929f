//! The listener: HTTP/1.1 and HTTP/2 on one port, API and forward proxy at once, until told to
//! stop.

mod absolute;
mod connect;
mod conversation;
mod dialled;
mod gate;
mod prompt;

use crate::Authority;
use crate::proxy::{Policy, Settings, Upstream, Way};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, Uri, Version};
use conversation::speak;
pub use gate::Gate;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections that may go through to other hosts at once.
const TUNNELS: usize = 1_024;

/// How long is waited for whom.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the first bytes of a connection, and for each step of its TLS handshake.
    pub greeting: Duration,
    /// For the head of a request, counted from the end of the one before: idle connections end
    /// after it too, so it is longer than the pause between two polls of an SDK.
    pub head: Duration,
    /// For another host to take a connection.
    pub dial: Duration,
    /// For requests under way when the server stops.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(20),
            head: Duration::from_secs(75),
            dial: Duration::from_secs(20),
            farewell: Duration::from_secs(5),
        }
    }
}

/// What answers at the port.
#[derive(Clone)]
pub struct FrontDoor {
    /// The API; requests for a served host come here too, with [`crate::DialledHost`].
    pub router: Router,
    /// Signs for the served hosts.
    pub authority: Arc<Authority>,
    /// What becomes of other hosts.
    pub proxy: Settings,
    /// The proxy through which this machine reaches others.
    pub upstream: Option<Upstream>,
    /// Knows who of another machine may be carried through.
    pub gate: Arc<dyn Gate>,
    /// How long is waited.
    pub patience: Patience,
}

/// A front door that is open.
struct Open {
    router: Router,
    authority: Arc<Authority>,
    way: Way,
    gate: Arc<dyn Gate>,
    patience: Patience,
    /// Where it listens: requests that name it are for itself.
    own: SocketAddr,
    tunnels: Arc<Semaphore>,
    tasks: TaskTracker,
    halted: watch::Receiver<bool>,
}

impl FrontDoor {
    /// Answers until `halted` turns true; requests under way are answered first, within
    /// [`Patience::farewell`].
    ///
    /// # Errors
    /// That the listener has no address.
    pub async fn serve(
        self,
        listener: TcpListener,
        mut halted: watch::Receiver<bool>,
    ) -> io::Result<()> {
        let open = Arc::new(Open {
            own: listener.local_addr()?,
            router: self.router,
            authority: self.authority,
            way: Way {
                policy: Policy::new(&self.proxy),
                upstream: self.upstream,
                patience: self.patience.dial,
            },
            gate: self.gate,
            patience: self.patience,
            tunnels: Arc::new(Semaphore::new(TUNNELS)),
            tasks: TaskTracker::new(),
            halted: halted.clone(),
        });
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stopped(&mut halted) => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    open.tasks.spawn(welcome(open.clone(), stream, peer));
                }
                Err(error) => pause_after(&error).await,
            }
        }
        open.tasks.close();
        let _ = tokio::time::timeout(self.patience.farewell, open.tasks.wait()).await;
        Ok(())
    }
}

/// Ends when the server is to stop.
async fn stopped(halted: &mut watch::Receiver<bool>) {
    // A sender that is gone will never say so; then the process ends otherwise.
    if halted.wait_for(|halted| *halted).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A client that left before it was accepted is nothing; when the process has no file descriptor
/// left, others must close theirs first.
async fn pause_after(error: &io::Error) {
    let is_clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    );
    if !is_clients {
        tracing::error!(%error, "a connection cannot be accepted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn welcome(open: Arc<Open>, stream: TcpStream, peer: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let (patience, halted) = (open.patience, open.halted.clone());
    speak(stream, patience, halted, move |request| {
        let open = open.clone();
        async move { Ok::<_, Infallible>(open.answer(request, peer).await) }
    })
    .await;
}

impl Open {
    /// Tells what kind of request it is: for a tunnel, for another host, or for the API.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<Body> {
        if request.method() == Method::CONNECT {
            return self.connect(request, peer).await;
        }
        // In HTTP/2 every target has a host; only in HTTP/1 it tells a proxy's client.
        if request.version() < Version::HTTP_2 && request.uri().authority().is_some() {
            return self.absolute(request, peer).await;
        }
        self.route(request, peer).await
    }

    /// The API's answer.
    async fn route(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let Ok(response) = self.router.clone().oneshot(request).await;
        response
    }

    /// Whether a target is this very listener.
    fn is_own(&self, uri: &Uri) -> bool {
        let port = uri.port_u16().unwrap_or(80);
        let host = uri.host().unwrap_or("");
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<std::net::IpAddr>();
        port == self.own.port()
            && (host.eq_ignore_ascii_case("localhost")
                || address.is_ok_and(|ip| ip.is_loopback() || ip == self.own.ip()))
    }
}
