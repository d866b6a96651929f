//! Why a host is not reached through the proxy, as the client hears it.

use super::Target;
use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use std::net::IpAddr;

/// Why a proxied request goes nowhere.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The target is none.
    #[error("`{0}` does not name a host and a port")]
    Malformed(String),
    /// A scheme that the proxy does not carry.
    #[error("the proxy carries `http` and tunnels, but not `{0}`")]
    Scheme(String),
    /// `proxy.other_hosts` says so.
    #[error("`{0}` is answered by nothing here, and `proxy.other_hosts` is `refuse`")]
    Setting(Target),
    /// The caller is on another machine.
    #[error(
        "`{0}` is answered by nothing here, and hosts are reached for programs of this machine \
         only; `proxy.other_hosts = \"tunnel\"` would reach public hosts for others too"
    )]
    Remote(Target),
    /// The caller is confined to this server.
    #[error(
        "`{0}` is answered by nothing here, and the caller's network leads to this server only"
    )]
    Confined(Target),
    /// A port that is not carried for other machines.
    #[error("only the ports 80 and 443 are reached for other machines, not `{0}`")]
    Port(Target),
    /// An address that must not be reached for this caller.
    #[error("`{target}` is at {address}, which is not reached through the proxy")]
    Address {
        /// What was asked for.
        target: Target,
        /// Where that is.
        address: IpAddr,
    },
    /// The name is unknown, or nothing answers there.
    #[error("`{target}` cannot be reached: {source}")]
    Unreachable {
        /// What was asked for.
        target: Target,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nothing answered in time.
    #[error("`{0}` did not answer in time")]
    Slow(Target),
    /// The next proxy said no.
    #[error("`{target}` is not reached: the proxy `{proxy}` answered {status}")]
    Upstream {
        /// What was asked for.
        target: Target,
        /// Who was asked.
        proxy: Target,
        /// What it said.
        status: StatusCode,
    },
    /// A caller from another machine without a key.
    #[error("hosts are reached for other machines only with an API key as the proxy's password")]
    Unproven,
    /// What came back is no HTTP.
    #[error("`{target}` did not answer as a web server does: {source}")]
    Answer {
        /// What was asked for.
        target: Target,
        /// Why.
        #[source]
        source: hyper::Error,
    },
    /// A request inside of a tunnel for another host than the tunnel's.
    #[error("the tunnel leads to `{0}`, and the request names another host")]
    Misdirected(String),
    /// As many tunnels as are allowed.
    #[error("too many connections go through the proxy; try again later")]
    Busy,
}

impl Refused {
    /// The status by which a client is told (RFC 9110 §15).
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Scheme(_) => StatusCode::BAD_REQUEST,
            Self::Setting(_)
            | Self::Remote(_)
            | Self::Confined(_)
            | Self::Port(_)
            | Self::Address { .. } => StatusCode::FORBIDDEN,
            Self::Unproven => StatusCode::PROXY_AUTHENTICATION_REQUIRED,
            Self::Unreachable { .. } | Self::Answer { .. } | Self::Upstream { .. } => {
                StatusCode::BAD_GATEWAY
            }
            Self::Slow(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer.
    pub(crate) fn answer(&self) -> Response<Body> {
        tracing::debug!(refused = %self, "a proxied request goes nowhere");
        let mut response = Response::new(Body::from(format!("{self}\n")));
        *response.status_mut() = self.status();
        let text = header::HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
        if matches!(self, Self::Unproven) {
            let scheme = header::HeaderValue::from_static("Basic realm=\"tradewind\"");
            response
                .headers_mut()
                .insert(header::PROXY_AUTHENTICATE, scheme);
        }
        response
    }
}
