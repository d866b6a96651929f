//! `ListObjectVersions`: versions and delete markers, the newest of each key first.

use super::S3;
use super::list_objects_v2::shown_prefixes;
use super::support::page_size;
use crate::caller::Caller;
use crate::checksums::{shown_algorithms, shown_scope};
use crate::fault::fault;
use crate::names::{self, Written};
use crate::{describe, times};
use contracts::objects::ListObjects;
use objects::VersionListing;
use s3s::dto::{
    DeleteMarkerEntry, ETag, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass, Owner,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    caller.bucket(&input.bucket)?;
    let written = Written::read(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_keys, "max-keys")?;
    let version = input.version_id_marker.as_deref().filter(|v| !v.is_empty());
    if version.is_some() && input.key_marker.is_none() {
        return Err(s3_error!(
            InvalidArgument,
            "A version-id marker cannot be specified without a key marker."
        ));
    }
    let list = ListObjects {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.filter(|text| !text.is_empty()),
        after: input.key_marker.clone().filter(|text| !text.is_empty()),
        limit,
    };
    let page = if limit == 0 {
        VersionListing::default()
    } else {
        s3.store
            .list_versions(&caller.workspace, &input.bucket, &list, version)
            .await
            .map_err(fault)?
    };
    let mut output = ListObjectVersionsOutput {
        is_truncated: Some(page.next.is_some()),
        key_marker: Some(written.write(input.key_marker.unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        max_keys: i32::try_from(limit).ok(),
        name: Some(input.bucket),
        prefix: Some(written.write(list.prefix)),
        delimiter: list.delimiter.map(|text| written.write(text)),
        encoding_type: written.shown(),
        ..ListObjectVersionsOutput::default()
    };
    if let Some((key, version)) = page.next {
        output.next_key_marker = Some(written.write(key));
        output.next_version_id_marker = Some(version).filter(|text| !text.is_empty());
    }
    let owner = names::owner(&caller.account);
    let (mut versions, mut markers) = (vec![], vec![]);
    for (object, is_latest) in page.versions {
        if object.is_delete_marker() {
            markers.push(marker(object, is_latest, written, owner.clone()));
        } else {
            versions.push(shown(object, is_latest, written, owner.clone()));
        }
    }
    let prefixes = shown_prefixes(page.prefixes, written);
    output.versions = (!versions.is_empty()).then_some(versions);
    output.delete_markers = (!markers.is_empty()).then_some(markers);
    output.common_prefixes = (!prefixes.is_empty()).then_some(prefixes);
    Ok(S3Response::new(output))
}

fn shown(
    object: objects::Object,
    is_latest: bool,
    written: Written,
    owner: Owner,
) -> ObjectVersion {
    ObjectVersion {
        checksum_algorithm: shown_algorithms(&object.checksums),
        checksum_type: shown_scope(&object.checksums, object.checksum_scope),
        e_tag: Some(ETag::Strong(object.etag)),
        is_latest: Some(is_latest),
        key: Some(written.write(object.key)),
        last_modified: Some(times::shown(object.modified)),
        owner: Some(owner),
        restore_status: None,
        size: i64::try_from(object.bytes).ok(),
        storage_class: Some(ObjectVersionStorageClass::from(describe::class(
            &object.extra,
        ))),
        version_id: Some(object.version),
    }
}

fn marker(
    object: objects::Object,
    is_latest: bool,
    written: Written,
    owner: Owner,
) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(is_latest),
        key: Some(written.write(object.key)),
        last_modified: Some(times::shown(object.modified)),
        owner: Some(owner),
        version_id: Some(object.version),
    }
}
