//! A proxy beyond ours: where a company lets its programs out by one only, hosts that are not
//! answered here are reached through that one, as they were before.

use super::{Refused, Target};
use crate::environment::is_listed;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Uri, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::fmt;
use tokio::net::TcpStream;

/// The proxy through which a machine reaches others.
#[derive(Clone, PartialEq, Eq)]
pub struct Upstream {
    pub(super) target: Target,
    authorization: Option<HeaderValue>,
    /// As `NO_PROXY` has it: hosts that are reached without it.
    direct: String,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream")
            .field("target", &self.target)
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a proxy's address; it does not repeat the address, which may have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is written `http://host:port` or `http://user:password@host:port`")]
pub struct NotAProxy;

impl Upstream {
    /// From what people write in `HTTPS_PROXY` and `NO_PROXY`.
    ///
    /// # Errors
    /// [`NotAProxy`] for other schemes than `http` and what is no address.
    pub fn parse(url: &str, direct: &str) -> Result<Self, NotAProxy> {
        let url = url.trim().trim_end_matches('/');
        let bare = match url.split_once("://") {
            Some(("http", rest)) => rest,
            Some(_) => return Err(NotAProxy),
            None => url,
        };
        let (user, host) = match bare.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, bare),
        };
        let authority = host.parse().map_err(|_| NotAProxy)?;
        let target = Target::of(&authority, Some(80)).map_err(|_| NotAProxy)?;
        let authorization = match user {
            Some(user) => {
                let user = BASE64_STANDARD.encode(unescaped(user));
                let value = HeaderValue::from_str(&format!("Basic {user}"));
                let mut value = value.map_err(|_| NotAProxy)?;
                value.set_sensitive(true);
                Some(value)
            }
            None => None,
        };
        Ok(Self {
            target,
            authorization,
            direct: direct.to_owned(),
        })
    }

    /// Whether a target is reached through it.
    pub(super) fn leads_to(&self, target: &Target) -> bool {
        let is_near = target.host == "localhost"
            || target
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.to_canonical().is_loopback());
        !is_near && !is_listed(&self.direct, &target.host)
    }

    /// What a request must have for it.
    pub(super) fn authorize<B>(&self, request: &mut Request<B>) {
        if let Some(value) = &self.authorization {
            let headers = request.headers_mut();
            headers.insert(header::PROXY_AUTHORIZATION, value.clone());
        }
    }

    /// Asks it, on a connection to it, for a tunnel.
    pub(super) async fn tunnel(
        &self,
        stream: TcpStream,
        target: &Target,
    ) -> Result<Upgraded, Refused> {
        let answer = |source| Refused::Answer {
            target: self.target.clone(),
            source,
        };
        let shaken = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(answer)?;
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to the next proxy broke");
            }
        });
        let response = sender.send_request(self.asked(target)?).await;
        let response = response.map_err(answer)?;
        if !response.status().is_success() {
            return Err(Refused::Upstream {
                target: target.clone(),
                proxy: self.target.clone(),
                status: response.status(),
            });
        }
        hyper::upgrade::on(response).await.map_err(answer)
    }

    fn asked(&self, target: &Target) -> Result<Request<Body>, Refused> {
        let malformed = || Refused::Malformed(target.to_string());
        let uri: Uri = target.to_string().parse().map_err(|_| malformed())?;
        let host = HeaderValue::from_str(&target.to_string()).map_err(|_| malformed())?;
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::CONNECT;
        *request.uri_mut() = uri;
        request.headers_mut().insert(header::HOST, host);
        self.authorize(&mut request);
        Ok(request)
    }
}

/// User information with its percent signs read (RFC 3986 §2.1).
fn unescaped(text: &str) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.map(|two| u8::from_str_radix(two, 16)) {
            Some(Ok(byte)) if first == b'%' => {
                plain.push(byte);
                rest = &after[2..];
            }
            _ => {
                plain.push(first);
                rest = after;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        let parse = |text: &str| Upstream::parse(text, "");
        let read = parse("http://proxy.example:3128/").unwrap();
        assert_eq!(read.target.to_string(), "proxy.example:3128");
        assert_eq!(parse("proxy.example").unwrap().target.port, 80);
        let read = parse("http://me:p%40ss@proxy.example:8080").unwrap();
        assert_eq!(read.target.to_string(), "proxy.example:8080");
        assert_eq!(read.authorization.as_ref().unwrap(), "Basic bWU6cEBzcw==");
        assert!(!format!("{read:?}").contains("p@ss") && !format!("{read:?}").contains("bWU6"));
        for bad in ["socks5://x:1", "https://x:1", "http://", "", "http://a b"] {
            assert_eq!(parse(bad), Err(NotAProxy), "{bad}");
        }
    }

    #[test]
    fn what_is_near_or_listed_is_reached_without_it() {
        let upstream = Upstream::parse("http://p:1", ".internal,10.0.0.5").unwrap();
        let leads = |host: &str| {
            upstream.leads_to(&Target {
                host: host.to_owned(),
                port: 443,
            })
        };
        assert!(leads("pypi.org") && leads("10.0.0.6") && leads("internal.org"));
        for near in ["localhost", "127.0.0.1", "::1", "a.internal", "10.0.0.5"] {
            assert!(!leads(near), "{near}");
        }
    }
}
