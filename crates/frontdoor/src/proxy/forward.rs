//! Plain HTTP through the proxy: `GET http://host/…` is asked of that host, and its answer streams
//! back.

use super::{Asker, Refused, Target, Way};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

/// Fields that are for the next hop only (RFC 9110 §7.6.1), beside those that `Connection` names.
const HOP: &[&str] = &[
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authorization",
    "proxy-authenticate",
];

/// Asks a host for what the client asked.
///
/// # Errors
/// That the host may not be reached, cannot be, or does not speak HTTP.
pub(crate) async fn forward(
    way: &Way,
    asker: Asker,
    target: Target,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Refused> {
    strip(request.headers_mut());
    for_origin(&mut request);
    let stream = if let Some(upstream) = way.through(asker, &target) {
        upstream.authorize(&mut request);
        way.dial_upstream(upstream, asker, &target).await?
    } else {
        *request.uri_mut() = origin_form(request.uri());
        way.dial(asker, &target).await?
    };
    let answer = |source| Refused::Answer {
        target: target.clone(),
        source,
    };
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(answer)?;
    // It ends with the answer's body, or when the client lets go of that.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a forwarded request broke");
        }
    });
    let response = sender.send_request(request).await;
    let mut response = response.map_err(answer)?;
    strip(response.headers_mut());
    Ok(response.map(Body::new))
}

/// The host in its field, where the absolute form overrules what the client wrote (RFC 9112
/// §3.2.2).
fn for_origin(request: &mut Request<Incoming>) {
    let host = request.uri().authority().map(ToString::to_string);
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(&host).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
    *request.version_mut() = http::Version::HTTP_11;
}

/// The path and query of an absolute target.
pub(crate) fn origin_form(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    path.map_or_else(|| Uri::from_static("/"), Uri::from)
}

fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP {
        headers.remove(*name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_for_one_hop_stay_there() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Private"),
            ("x-private", "1"),
            ("proxy-authorization", "Basic x"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        strip(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["accept"]);
    }

    #[test]
    fn the_origin_form_is_the_path_and_query() {
        let form = |text: &str| origin_form(&text.parse().unwrap()).to_string();
        assert_eq!(form("http://s3.amazonaws.com/b/k%2F?x=1"), "/b/k%2F?x=1");
        assert_eq!(form("http://s3.amazonaws.com"), "/");
    }
}
