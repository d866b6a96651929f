//! `ListObjects`, the first version.

use super::S3;
use super::list_objects_v2::{page, shown, shown_prefixes};
use super::support::page_size;
use crate::caller::Caller;
use crate::names::{self, Written};
use contracts::objects::ListObjects;
use s3s::dto::{ListObjectsInput, ListObjectsOutput, Object};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let written = Written::read(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let list = ListObjects {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.filter(|text| !text.is_empty()),
        after: input.marker.clone().filter(|text| !text.is_empty()),
        limit,
    };
    let page = page(s3, &caller, &input.bucket, &list).await?;
    let owner = names::owner(&caller.account);
    let contents: Vec<Object> = page
        .objects
        .into_iter()
        .map(|object| shown(object, written, Some(owner.clone())))
        .collect();
    let prefixes = shown_prefixes(page.prefixes, written);
    // Without a delimiter the next marker is the last key, and is not said.
    let next = page.next.clone().filter(|_| list.delimiter.is_some());
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(written.write(list.prefix)),
        marker: Some(written.write(input.marker.unwrap_or_default())),
        max_keys: i32::try_from(limit).ok(),
        is_truncated: Some(page.next.is_some()),
        contents: (!contents.is_empty()).then_some(contents),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        delimiter: list.delimiter.map(|text| written.write(text)),
        next_marker: next.map(|text| written.write(text)),
        encoding_type: written.shown(),
        request_charged: None,
    }))
}
