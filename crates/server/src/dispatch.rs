//! Gives each request to the dialect that it is of.

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use dialects::native;
use frontdoor::DialledHost;
use frontdoor::names::{Cloud, Host, classify};
use tower::ServiceExt;

/// One router over all dialects: what SDKs of AWS send goes to theirs, the rest to the native API.
pub(crate) fn dispatch(own: Router, amazon: Router) -> Router {
    Router::new().fallback(move |request: Request| {
        let (own, amazon) = (own.clone(), amazon.clone());
        async move {
            let (parts, body) = request.into_parts();
            // Without a signature it may still be somebody who reads a public object.
            let is_amazon = is_amazons(&parts) || !native::is_native(parts.uri.path());
            let dialect = if is_amazon { amazon } else { own };
            match dialect.oneshot(Request::from_parts(parts, body)).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    })
}

/// Whether a request is AWS': by the name that was dialled through the front door, whatever the
/// request says of itself, or by what an SDK never leaves out.
fn is_amazons(parts: &Parts) -> bool {
    let dialled = parts.extensions.get::<DialledHost>();
    dialled.is_some_and(|host| classify(&host.0) == Host::Served(Cloud::Aws)) || aws::is_aws(parts)
}
