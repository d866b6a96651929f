//! A proxied request as the router must see it: the path alone as target, the host in its field,
//! and the host that was dialled beside it.

use crate::DialledHost;
use crate::names::normalized;
use crate::proxy::{Refused, Target};
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request, Response, Version, header};
use hyper::body::Incoming;

/// The request for a host; `None` is this server itself.
pub(super) fn meant_for(mut request: Request<Incoming>, host: Option<&str>) -> Request<Incoming> {
    let named = request.uri().authority().map(ToString::to_string);
    if let Some(named) = named.and_then(|named| HeaderValue::from_str(&named).ok()) {
        request.headers_mut().insert(header::HOST, named);
    }
    let path = crate::proxy::origin_form(request.uri());
    *request.uri_mut() = path;
    request.headers_mut().remove(header::PROXY_AUTHORIZATION);
    request.headers_mut().remove("proxy-connection");
    if let Some(host) = host.and_then(normalized) {
        request.extensions_mut().insert(DialledHost(host));
    }
    request
}

/// Whether a request inside of a tunnel names the host that the tunnel was opened for, be it in
/// its target or in its field. HTTP/2 clients may share a connection between names; the status
/// tells them to open another (RFC 9110 §15.5.20).
pub(super) fn misdirected(request: &Request<Incoming>, host: &str) -> Option<Response<Body>> {
    let authority = request
        .uri()
        .authority()
        .cloned()
        .or_else(|| only_host(request));
    let named = authority.and_then(|authority| Target::of(&authority, Some(443)).ok());
    let is_same = match named {
        Some(named) => normalized(&named.host).is_some_and(|named| named == host),
        // Before HTTP/1.1 a request names no host, and the tunnel does.
        None => {
            request.version() < Version::HTTP_11 && !request.headers().contains_key(header::HOST)
        }
    };
    (!is_same).then(|| Refused::Misdirected(host.to_owned()).answer())
}

/// What the host field says, when there is one and one only.
fn only_host(request: &Request<Incoming>) -> Option<Authority> {
    let mut fields = request.headers().get_all(header::HOST).iter();
    let field = fields.next()?.to_str().ok()?;
    let authority = field.parse().ok()?;
    fields.next().is_none().then_some(authority)
}
