//! `/functions/{name}/…` and `/apis/{api}/{stage}/…`: HTTP requests to functions. They carry a key
//! unless the function is open to everybody.

use crate::native::access;
use crate::native::extract::Payload;
use crate::native::{Fault, Native};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use contracts::functions::FunctionAnswer;
use control::Caller;
use control::functions::HttpCall;
use domain::function::Qualifier;
use domain::{FunctionName, Name, Refusal};
use http::HeaderMap;
use std::net::SocketAddr;

/// The routes.
pub(in crate::native) fn router() -> Router<Native> {
    Router::new()
        .route("/functions/{name}", any(function))
        .route("/functions/{name}/", any(function))
        .route("/functions/{name}/{*path}", any(function))
        .route("/apis/{api}/{stage}", any(api))
        .route("/apis/{api}/{stage}/", any(api))
        .route("/apis/{api}/{stage}/{*path}", any(api))
}

/// `/functions/{name}/…`, or `/functions/{name}:{qualifier}/…` for another version.
async fn function(State(native): State<Native>, request: Request) -> Result<Response, Fault> {
    let (caller, words, call, request) = take(&native, request, 2).await;
    let name = words.get(1).map_or("", String::as_str);
    let (name, qualifier) = name.split_once(':').unwrap_or((name, ""));
    let name = FunctionName::new(name).map_err(|e| Fault(Refusal::invalid(e.to_string())))?;
    let qualifier = Qualifier::try_from(qualifier.to_owned());
    let qualifier = qualifier.map_err(|message| Fault(Refusal::Invalid { message }))?;
    let body = body(&native, request);
    let answered = native
        .control
        .serve_function(caller, &name, &qualifier, call, body);
    render(answered.await?)
}

/// `/apis/{api}/{stage}/…`.
async fn api(State(native): State<Native>, request: Request) -> Result<Response, Fault> {
    let (caller, words, call, request) = take(&native, request, 3).await;
    let name = |at: usize| {
        let text = words.get(at).cloned().unwrap_or_default();
        Name::new(text).map_err(|e| Fault(Refusal::invalid(e.to_string())))
    };
    let (api, stage) = (name(1)?, name(2)?);
    let body = body(&native, request);
    let answered = native.control.serve_api(caller, &api, &stage, call, body);
    render(answered.await?)
}

/// The body, read when it is asked for.
async fn body(native: &Native, request: Request) -> Result<Bytes, Refusal> {
    match Payload::from_request(request, native).await {
        Ok(Payload(body)) => Ok(body),
        Err(Fault(refusal)) => Err(refusal),
    }
}

/// Who asks (or why nobody is known), the first parts of the path, the request below them, and
/// the request itself, whose body is still to be read.
async fn take(
    native: &Native,
    request: Request,
    parts: usize,
) -> (Result<Caller, Refusal>, Vec<String>, HttpCall, Request) {
    let uri = request.uri().clone();
    let query = uri.query().unwrap_or_default();
    let (caller, functions_key) = who(native, request.headers(), query).await;
    let source = request
        .extensions()
        .get::<axum::extract::ConnectInfo<SocketAddr>>();
    let source = source.map_or_else(|| "127.0.0.1".to_owned(), |info| info.0.ip().to_string());
    let method = request.method().as_str().to_owned();
    let mut headers = headers(request.headers());
    let mut query = query.to_owned();
    if let Some(key) = functions_key {
        headers.retain(|(name, value)| name != FUNCTIONS_KEY || *value != key);
        query = without(&query, &key);
    }
    let (words, path) = cut(uri.path(), parts);
    let call = HttpCall {
        method,
        path,
        query,
        headers,
        source,
    };
    (caller, words, call, request)
}

/// Where callers of Azure's functions put a key (Azure Functions, "HTTP trigger", access keys).
const FUNCTIONS_KEY: &str = "x-functions-key";
const FUNCTIONS_CODE: &str = "code";

/// Who asks: by the bearer key, else by a key where Azure's functions have it, which then comes
/// along. A `code` that is no key of ours is the function's own.
async fn who(
    native: &Native,
    headers: &HeaderMap,
    query: &str,
) -> (Result<Caller, Refusal>, Option<String>) {
    let caller = access::caller(native, headers).await;
    if caller.is_ok() || headers.contains_key(http::header::AUTHORIZATION) {
        return (caller, None);
    }
    let header = headers.get(FUNCTIONS_KEY);
    let header = header.and_then(|value| value.to_str().ok());
    let code = || pairs(query).find(|(name, _)| name == FUNCTIONS_CODE);
    let key = header.map(str::to_owned).or_else(|| Some(code()?.1));
    let Some(key) = key else {
        return (caller, None);
    };
    match native.control.authenticate(&key).await {
        Ok(known) => (Ok(known), Some(key)),
        Err(_) => (caller, None),
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// A query without the key.
fn without(query: &str, key: &str) -> String {
    let is_key =
        |part: &&str| pairs(part).any(|(name, code)| name == FUNCTIONS_CODE && code == key);
    let kept: Vec<&str> = query.split('&').filter(|part| !is_key(part)).collect();
    kept.join("&")
}

/// The first parts of a path, and the rest with its slash.
fn cut(path: &str, parts: usize) -> (Vec<String>, String) {
    let mut pieces = path.trim_start_matches('/').splitn(parts + 1, '/');
    let words = pieces.by_ref().take(parts).map(str::to_owned).collect();
    (words, format!("/{}", pieces.next().unwrap_or_default()))
}

/// What the function shall see: not the key, which is between the caller and this server.
fn headers(all: &HeaderMap) -> Vec<(String, String)> {
    all.iter()
        .filter(|(name, _)| *name != http::header::AUTHORIZATION)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

fn render(answer: FunctionAnswer) -> Result<Response, Fault> {
    let Some(answered) = answer.http else {
        return Err(Fault(Refusal::internal("a function gave no response")));
    };
    let mut response = Response::builder().status(answered.status);
    for (name, value) in &answered.headers {
        response = response.header(name, value);
    }
    let response = response.body(Body::from(answered.body));
    response.map_err(|error| Fault(Refusal::internal(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::{cut, without};

    #[test]
    fn a_key_in_the_query_is_not_passed_on() {
        assert_eq!(
            without("a=1&code=k%20k&code=other", "k k"),
            "a=1&code=other"
        );
        assert_eq!(without("code=k", "k"), "");
    }

    #[test]
    fn paths_are_cut_after_the_address() {
        let words = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            cut("/functions/f", 2),
            (words(&["functions", "f"]), "/".to_owned())
        );
        assert_eq!(
            cut("/functions/f/", 2),
            (words(&["functions", "f"]), "/".to_owned())
        );
        let rest = "/a%20b//c/".to_owned();
        assert_eq!(
            cut("/apis/a/s/a%20b//c/", 3),
            (words(&["apis", "a", "s"]), rest)
        );
    }
}
