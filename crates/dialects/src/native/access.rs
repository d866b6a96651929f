//! Finds out who asks before anything else is read of a request.

use super::{Fault, Native};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use control::Caller;
use domain::Refusal;
use http::HeaderMap;
use http::request::Parts;

/// The caller of a request.
pub(super) struct Authenticated(pub(super) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| {
            Fault(Refusal::internal(
                "the request did not pass the authentication",
            ))
        })
    }
}

/// Middleware: proves the bearer key and hands the caller on.
pub(super) async fn authenticate(
    State(native): State<Native>,
    mut request: Request,
    next: Next,
) -> Response {
    match caller(&native, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(refusal) => Fault(refusal).into_response(),
    }
}

/// Who a key says that it is.
pub(super) async fn caller(native: &Native, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let secret = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim());
    let secret = secret.ok_or_else(|| Refusal::Unauthenticated {
        message: "the request needs the header `Authorization: Bearer <API key>`".to_owned(),
    })?;
    let mut caller = native.control.authenticate(secret).await?;
    if let Some(token) = headers.get("idempotency-key") {
        let token = token
            .to_str()
            .ok()
            .filter(|token| !token.is_empty() && token.len() <= 200);
        let token = token.ok_or_else(|| {
            Refusal::invalid("`Idempotency-Key` must be 1 to 200 visible ASCII characters")
        })?;
        caller.token = Some(token.to_owned());
    }
    Ok(caller)
}
