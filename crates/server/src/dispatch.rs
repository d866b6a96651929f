//! Gives each request to the dialect that it is of.

use axum::Router;
use axum::extract::Request;
use tower::ServiceExt;

/// One router over all dialects: what SDKs of AWS send goes to theirs, the rest to the native API.
pub(crate) fn dispatch(native: Router, amazon: Router) -> Router {
    Router::new().fallback(move |request: Request| {
        let (native, amazon) = (native.clone(), amazon.clone());
        async move {
            let (parts, body) = request.into_parts();
            let dialect = if aws::is_aws(&parts) { amazon } else { native };
            match dialect.oneshot(Request::from_parts(parts, body)).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    })
}
