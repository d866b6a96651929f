//! What operations take from requests, with this API's errors instead of the framework's.

use super::{Fault, Native};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

/// A body as it is, at most as large as the server allows.
pub(super) struct Payload(pub(super) Bytes);

/// Parts of the path.
pub(super) struct Path<T>(pub(super) T);

/// The query.
pub(super) struct Query<T>(pub(super) T);

impl FromRequest<Native> for Payload {
    type Rejection = Fault;
    async fn from_request(request: Request, native: &Native) -> Result<Self, Fault> {
        let limited = Limited::new(request.into_body(), native.largest_body);
        match limited.collect().await {
            Ok(body) => Ok(Self(body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => {
                let limit = domain::ByteSize(native.largest_body as u64);
                Err(Fault(Refusal::invalid(format!(
                    "the body is larger than {limit}"
                ))))
            }
            Err(error) => {
                tracing::debug!(%error, "a body ended early");
                Err(Fault(Refusal::invalid(
                    "the body ended before it was complete",
                )))
            }
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Native> for Json<T> {
    type Rejection = Fault;
    async fn from_request(request: Request, native: &Native) -> Result<Self, Fault> {
        let Payload(body) = Payload::from_request(request, native).await?;
        read(&body).map(Self)
    }
}

/// Reads a document whole: a field that nothing reads is a mistake, for it was meant to do something.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let refused = |error: serde_json::Error| {
        Fault(Refusal::invalid(format!(
            "the body is not what this operation takes: {error}"
        )))
    };
    // serde_json refuses more than 128 levels by itself.
    let mut source = serde_json::Deserializer::from_slice(body);
    let mut unknown = None;
    let value = serde_ignored::deserialize(&mut source, |path| {
        unknown.get_or_insert_with(|| path.to_string());
    })
    .map_err(refused)?;
    source.end().map_err(refused)?;
    match unknown {
        None => Ok(value),
        Some(path) => Err(Fault(Refusal::invalid(format!(
            "the body has a field that this operation does not know: `{path}`"
        )))),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Native> for Path<T> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, native: &Native) -> Result<Self, Fault> {
        match axum::extract::Path::<T>::from_request_parts(parts, native).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(error) => {
                let text = error.body_text();
                let text = text.strip_prefix("Invalid URL: ").unwrap_or(&text);
                Err(Fault(Refusal::invalid(text)))
            }
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Native> for Query<T> {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, native: &Native) -> Result<Self, Fault> {
        match axum::extract::Query::<T>::from_request_parts(parts, native).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(error) => Err(Fault(Refusal::invalid(error.body_text()))),
        }
    }
}

/// The query of a list that has no filters: which page of it.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Paging {
    /// `next` of the page before.
    pub(super) after: Option<String>,
    /// At most so many; 0 is the server's own measure.
    #[serde(default)]
    pub(super) limit: u32,
}

/// Tags in a query are written `tag=name:value`, several of them separated by commas.
pub(super) fn tags(
    text: Option<&str>,
) -> Result<std::collections::BTreeMap<String, String>, Fault> {
    let pairs = text
        .unwrap_or("")
        .split(',')
        .filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once(':') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(Fault(Refusal::invalid(format!(
                "`{pair}` is not a tag: write `name:value`"
            )))),
        })
        .collect()
}

/// States in a query, each of which must be one of the known.
pub(super) fn phases(text: Option<&str>, known: &[&str]) -> Result<Vec<String>, Fault> {
    let asked = words(text);
    match asked.iter().find(|word| !known.contains(&word.as_str())) {
        None => Ok(asked),
        Some(word) => Err(Fault(Refusal::invalid(format!(
            "`{word}` is no state; there are {}",
            known.join(", ")
        )))),
    }
}

/// Words in a query are separated by commas.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or("")
        .split(',')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
