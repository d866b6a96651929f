//! What operations on objects share: how the store's errors look here, and what a request demands.

use super::Fault;
use axum::body::Body;
use contracts::objects::{ByteStream, ObjectError, Precondition};
use control::error::of_objects;
use domain::Refusal;
use futures::StreamExt;
use http::HeaderMap;
use objects::Error;

/// An error of the store as a refusal.
pub(super) fn refused(error: Error) -> Fault {
    Fault(match error {
        Error::NoSuchUpload(upload) => Refusal::not_found("upload", upload),
        Error::NoSuchVersion {
            bucket,
            key,
            version,
        } => Refusal::not_found("version", format!("{version}` of `{bucket}/{key}")),
        Error::BucketNotEmpty { .. } | Error::Contended(_) => Refusal::conflict(error.to_string()),
        other => of_objects(ObjectError::from(other)),
    })
}

/// A header's text.
pub(super) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.map(str::to_owned)
}

/// What a write demands of what is there: `If-Match` with one tag, `If-None-Match` with `*`. Other
/// conditions are refused, since a write that ignored them would not be what was asked for.
pub(super) fn precondition(headers: &HeaderMap) -> Result<Precondition, Fault> {
    let one = |tag: &str| {
        let tag = tag.trim();
        let bare = tag.trim_matches('"');
        (!bare.is_empty() && bare != "*" && !bare.contains([',', '"'])).then(|| bare.to_owned())
    };
    let etag_is = match text(headers, "if-match") {
        None => None,
        Some(tag) => Some(one(&tag).ok_or_else(|| {
            Fault(Refusal::invalid(
                "`If-Match` of a write takes one entity tag",
            ))
        })?),
    };
    let absent = match text(headers, "if-none-match") {
        None => false,
        Some(tag) if tag.trim() == "*" => true,
        Some(_) => {
            let text = "`If-None-Match` of a write takes `*` alone: nothing may be there";
            return Err(Fault(Refusal::invalid(text)));
        }
    };
    Ok(Precondition { etag_is, absent })
}

/// A request's body as it comes.
pub(super) fn pieces(body: Body) -> ByteStream {
    let pieces = body.into_data_stream();
    pieces
        .map(|piece| piece.map_err(|error| ObjectError::Incomplete(error.to_string())))
        .boxed()
}
