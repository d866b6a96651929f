//! `GetObjectAttributes`: only what is asked for.

use super::S3;
use crate::caller::Caller;
use crate::checksums::{show, shown_scope};
use crate::encryption::key_of;
use crate::fault::fault;
use crate::{describe, encryption, times};
use objects::Object;
use s3s::dto::{
    Checksum, ETag, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts,
    ObjectPart, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectAttributesInput>,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    let object = s3
        .object(&caller, &input.bucket, &input.key, version)
        .await?;
    let customer = encryption::brought(key_of!(input), None)?;
    object.opens_with(customer.as_ref()).map_err(fault)?;
    let wants = |name: &str| {
        let asked = &input.object_attributes;
        asked.iter().any(|attribute| {
            attribute
                .as_str()
                .split(',')
                .any(|word| word.trim() == name)
        })
    };
    let mut output = GetObjectAttributesOutput {
        last_modified: Some(times::shown(object.modified)),
        version_id: describe::version(&object, &caller),
        ..GetObjectAttributesOutput::default()
    };
    if wants("ETag") {
        output.e_tag = Some(ETag::Strong(object.etag.clone()));
    }
    if wants("ObjectSize") {
        output.object_size = i64::try_from(object.bytes).ok();
    }
    if wants("StorageClass") {
        output.storage_class = Some(StorageClass::from(describe::class(&object.extra)));
    }
    if wants("Checksum") && !object.checksums.is_empty() {
        let mut checksum = Checksum {
            checksum_type: shown_scope(&object.checksums, object.checksum_scope),
            ..Checksum::default()
        };
        show!(&object.checksums => checksum);
        output.checksum = Some(checksum);
    }
    if wants("ObjectParts") && !object.parts.is_empty() {
        output.object_parts = Some(parts(&object, input.part_number_marker, input.max_parts));
    }
    Ok(S3Response::new(output))
}

/// A page of the parts that the object was uploaded in.
fn parts(object: &Object, after: Option<i32>, most: Option<i32>) -> GetObjectAttributesParts {
    let after = usize::try_from(after.unwrap_or_default()).unwrap_or_default();
    let most = usize::try_from(most.unwrap_or(1_000))
        .unwrap_or(1_000)
        .clamp(1, 1_000);
    let entries: Vec<ObjectPart> = object
        .parts
        .iter()
        .enumerate()
        .skip(after)
        .take(most)
        .map(|(index, bytes)| ObjectPart {
            part_number: i32::try_from(index + 1).ok(),
            size: i64::try_from(*bytes).ok(),
            ..ObjectPart::default()
        })
        .collect();
    let last = after + entries.len();
    let more = last < object.parts.len();
    GetObjectAttributesParts {
        is_truncated: Some(more),
        max_parts: i32::try_from(most).ok(),
        next_part_number_marker: i32::try_from(last).ok().filter(|_| more),
        part_number_marker: i32::try_from(after).ok(),
        total_parts_count: i32::try_from(object.parts.len()).ok(),
        parts: Some(entries),
    }
}
