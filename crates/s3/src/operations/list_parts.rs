//! `ListParts`.

use super::S3;
use super::create_multipart_upload::shown;
use super::support::page_size;
use crate::caller::Caller;
use crate::checksums::show;
use crate::fault::fault;
use crate::{describe, names, times};
use s3s::dto::{
    ChecksumAlgorithm, ETag, Initiator, ListPartsInput, ListPartsOutput, Part, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let limit = page_size(input.max_parts, "max-parts")?;
    let after = u32::try_from(input.part_number_marker.unwrap_or_default()).unwrap_or_default();
    let target = (input.bucket.as_str(), input.key.as_str());
    let mut page = s3
        .store
        .list_parts(
            &caller.workspace,
            target,
            &input.upload_id,
            after,
            limit.max(1),
        )
        .await
        .map_err(fault)?;
    if limit == 0 {
        page.parts.clear();
        page.next = None;
    }
    let upload = page.upload;
    let parts = page.parts.into_iter().map(|part| {
        let mut entry = Part {
            e_tag: Some(ETag::Strong(part.etag)),
            last_modified: Some(times::shown(part.modified)),
            part_number: i32::try_from(part.number).ok(),
            size: i64::try_from(part.bytes).ok(),
            ..Part::default()
        };
        show!(&part.checksums => entry);
        entry
    });
    let last = page.next.and_then(|number| i32::try_from(number).ok());
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: upload
            .algorithm
            .map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: upload.algorithm.map(|_| shown(upload.checksum_scope)),
        initiator: Some(Initiator {
            display_name: None,
            id: Some(names::canonical_id(&caller.account)),
        }),
        is_truncated: Some(last.is_some()),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: last,
        owner: Some(names::owner(&caller.account)),
        part_number_marker: Some(input.part_number_marker.unwrap_or_default()),
        parts: Some(parts.collect()),
        storage_class: Some(StorageClass::from(describe::class(
            &upload.description.extra,
        ))),
        ..ListPartsOutput::default()
    }))
}
