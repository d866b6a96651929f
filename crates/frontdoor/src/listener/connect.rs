//! `CONNECT`: for a served host TLS ends here and the requests inside go to the router; for every
//! other host the bytes are carried through.

use super::conversation::speak;
use super::dialled::{meant_for, misdirected};
use super::{Open, stopped};
use crate::Encrypted;
use crate::names::{Host, classify, normalized};
use crate::proxy::{Refused, Target, tunnel};
use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The port of HTTP without TLS.
const PLAIN: u16 = 80;

impl Open {
    pub(super) async fn connect(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<Body> {
        match self.try_connect(request, peer).await {
            Ok(()) => Response::new(Body::empty()),
            Err(refused) => refused.answer(),
        }
    }

    async fn try_connect(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<(), Refused> {
        let Some(authority) = request.uri().authority() else {
            return Err(Refused::Malformed(request.uri().to_string()));
        };
        let target = Target::of(authority, None)?;
        let served = match classify(&target.host) {
            Host::Served(_) => normalized(&target.host),
            Host::Unserved(_) | Host::Other => None,
        };
        if let Some(host) = served {
            let tasks = self.tasks.clone();
            tasks.spawn(async move {
                match hyper::upgrade::on(request).await {
                    Ok(upgraded) => self.stand_in(upgraded, host, target.port, peer).await,
                    Err(error) => tracing::debug!(%error, "a tunnel was not opened"),
                }
            });
            return Ok(());
        }
        let permit = self.tunnels.clone().try_acquire_owned();
        let permit = permit.map_err(|_| Refused::Busy)?;
        let asker = self.asker(peer);
        self.proven(asker, &target, request.headers()).await?;
        let server = self.way.stream(asker, &target).await?;
        let mut halted = self.halted.clone();
        self.tasks.spawn(async move {
            let _permit = permit;
            let carried = async {
                match hyper::upgrade::on(request).await {
                    Ok(upgraded) => tunnel(TokioIo::new(upgraded), server).await,
                    Err(error) => tracing::debug!(%error, "a tunnel was not opened"),
                }
            };
            tokio::select! {
                () = carried => {}
                () = stopped(&mut halted) => {}
            }
        });
        Ok(())
    }

    /// Answers in a host's place: without TLS at the port of plain HTTP, with it elsewhere.
    async fn stand_in(
        self: Arc<Self>,
        upgraded: Upgraded,
        host: String,
        port: u16,
        peer: SocketAddr,
    ) {
        let stream = TokioIo::new(upgraded);
        if port == PLAIN {
            return self.serve_inside(stream, host, peer, None).await;
        }
        match timeout(self.patience.greeting, self.shake_hands(stream, &host)).await {
            Ok(Ok(stream)) => self.serve_inside(stream, host, peer, Some(Encrypted)).await,
            Ok(Err(error)) => tracing::debug!(%error, %host, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%host, "a TLS handshake took too long"),
        }
    }

    async fn shake_hands<S>(&self, stream: S, host: &str) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let tls = self.authority.tls(host).map_err(io::Error::other)?;
        TlsAcceptor::from(tls).accept(stream).await
    }

    async fn serve_inside<S>(
        self: Arc<Self>,
        stream: S,
        host: String,
        peer: SocketAddr,
        encrypted: Option<Encrypted>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (patience, halted) = (self.patience, self.halted.clone());
        let host: Arc<str> = host.into();
        speak(stream, patience, halted, move |mut request| {
            if let Some(encrypted) = encrypted {
                request.extensions_mut().insert(encrypted);
            }
            let (open, host) = (self.clone(), host.clone());
            async move { Ok::<_, Infallible>(open.answer_inside(request, &host, peer).await) }
        })
        .await;
    }

    async fn answer_inside(
        &self,
        request: Request<Incoming>,
        host: &str,
        peer: SocketAddr,
    ) -> Response<Body> {
        if request.method() == Method::CONNECT {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        if let Some(response) = misdirected(&request, host) {
            return response;
        }
        self.route(meant_for(request, Some(host)), peer).await
    }
}
