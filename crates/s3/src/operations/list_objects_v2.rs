//! `ListObjectsV2`.

use super::S3;
use super::support::page_size;
use crate::caller::Caller;
use crate::checksums::{shown_algorithms, shown_scope};
use crate::fault::fault;
use crate::names::Written;
use crate::{describe, names, times};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::objects::ListObjects;
use s3s::dto::{
    CommonPrefix, ETag, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, Owner,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let written = Written::read(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let after = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone().filter(|text| !text.is_empty()),
    };
    let list = ListObjects {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone().filter(|text| !text.is_empty()),
        after,
        limit,
    };
    let page = page(s3, &caller, &input.bucket, &list).await?;
    let owner = (input.fetch_owner == Some(true)).then(|| names::owner(&caller.account));
    let contents: Vec<Object> = page
        .objects
        .into_iter()
        .map(|object| shown(object, written, owner.clone()))
        .collect();
    let prefixes = shown_prefixes(page.prefixes, written);
    let count = contents.len() + prefixes.len();
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(written.write(list.prefix)),
        max_keys: i32::try_from(limit).ok(),
        key_count: i32::try_from(count).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.map(|key| URL_SAFE_NO_PAD.encode(key)),
        contents: (!contents.is_empty()).then_some(contents),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        delimiter: list.delimiter.map(|text| written.write(text)),
        encoding_type: written.shown(),
        start_after: input.start_after.map(|text| written.write(text)),
        request_charged: None,
    }))
}

/// A page of the store.
pub(super) struct Page {
    pub(super) objects: Vec<objects::Object>,
    pub(super) prefixes: Vec<String>,
    pub(super) next: Option<String>,
}

/// The page; one of no entries is empty and the last.
pub(super) async fn page(
    s3: &S3,
    caller: &Caller,
    bucket: &str,
    list: &ListObjects,
) -> S3Result<Page> {
    caller.bucket(bucket)?;
    if list.limit == 0 {
        return Ok(Page {
            objects: vec![],
            prefixes: vec![],
            next: None,
        });
    }
    let (objects, prefixes, next) = s3
        .store
        .list_full(&caller.workspace, bucket, list)
        .await
        .map_err(fault)?;
    Ok(Page {
        objects,
        prefixes,
        next,
    })
}

fn read_token(token: &str) -> S3Result<String> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "The continuation token provided is incorrect"
            )
        })
}

/// An object in a listing.
pub(super) fn shown(object: objects::Object, written: Written, owner: Option<Owner>) -> Object {
    Object {
        checksum_algorithm: shown_algorithms(&object.checksums),
        checksum_type: shown_scope(&object.checksums, object.checksum_scope),
        e_tag: Some(ETag::Strong(object.etag)),
        key: Some(written.write(object.key)),
        last_modified: Some(times::shown(object.modified)),
        owner,
        restore_status: None,
        size: i64::try_from(object.bytes).ok(),
        storage_class: Some(ObjectStorageClass::from(describe::class(&object.extra))),
    }
}

pub(super) fn shown_prefixes(prefixes: Vec<String>, written: Written) -> Vec<CommonPrefix> {
    prefixes
        .into_iter()
        .map(|prefix| CommonPrefix {
            prefix: Some(written.write(prefix)),
        })
        .collect()
}
