//! Requests with an absolute target, which the clients of a plain HTTP proxy send.

use super::Open;
use super::dialled::meant_for;
use crate::names::{Host, classify};
use crate::proxy::{Refused, Target, forward};
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use std::net::SocketAddr;

impl Open {
    /// Answers for a served host and for itself, and asks every other host.
    pub(super) async fn absolute(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Response<Body> {
        match self.try_absolute(request, peer).await {
            Ok(response) => response,
            Err(refused) => refused.answer(),
        }
    }

    async fn try_absolute(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Refused> {
        let uri = request.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        if scheme != "http" {
            // TLS to the host would have to begin here, unseen by the client.
            return Err(Refused::Scheme(scheme.to_owned()));
        }
        let Some(authority) = uri.authority() else {
            return Err(Refused::Malformed(uri.to_string()));
        };
        let target = Target::of(authority, Some(80))?;
        if self.is_own(uri) {
            return Ok(self.route(meant_for(request, None), peer).await);
        }
        if let Host::Served(_) = classify(&target.host) {
            let request = meant_for(request, Some(&target.host));
            return Ok(self.route(request, peer).await);
        }
        let asker = self.asker(peer);
        self.proven(asker, &target, request.headers()).await?;
        forward(&self.way, asker, target, request).await
    }
}
