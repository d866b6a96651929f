//! `ListMultipartUploads`.

use super::S3;
use super::create_multipart_upload::shown;
use super::list_objects_v2::shown_prefixes;
use super::support::page_size;
use crate::caller::Caller;
use crate::fault::fault;
use crate::names::{self, Written};
use crate::{describe, times};
use objects::{ListUploads, Upload, Uploads};
use s3s::dto::{
    ChecksumAlgorithm, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    MultipartUpload, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    caller.bucket(&input.bucket)?;
    let written = Written::read(input.encoding_type.as_ref())?;
    let limit = page_size(input.max_uploads, "max-uploads")?;
    let list = ListUploads {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.filter(|text| !text.is_empty()),
        after_key: input.key_marker.clone().filter(|text| !text.is_empty()),
        after_upload: input.upload_id_marker.clone(),
        limit,
    };
    let page = if limit == 0 {
        Uploads::default()
    } else {
        s3.store
            .list_uploads(&caller.workspace, &input.bucket, &list)
            .await
            .map_err(fault)?
    };
    let uploads: Vec<_> = page
        .uploads
        .into_iter()
        .map(|upload| entry(upload, written, &caller.account))
        .collect();
    let prefixes = shown_prefixes(page.prefixes, written);
    let (next_key, next_upload) = page.next.clone().unzip();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        common_prefixes: (!prefixes.is_empty()).then_some(prefixes),
        delimiter: list.delimiter.map(|text| written.write(text)),
        encoding_type: written.shown(),
        is_truncated: Some(page.next.is_some()),
        key_marker: Some(written.write(input.key_marker.unwrap_or_default())),
        max_uploads: i32::try_from(limit).ok(),
        next_key_marker: next_key.map(|text| written.write(text)),
        next_upload_id_marker: next_upload.filter(|text| !text.is_empty()),
        prefix: Some(written.write(list.prefix)),
        upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
        uploads: (!uploads.is_empty()).then_some(uploads),
        request_charged: None,
    }))
}

fn entry(upload: Upload, written: Written, account: &str) -> MultipartUpload {
    let algorithm = upload.algorithm;
    MultipartUpload {
        checksum_algorithm: algorithm.map(|of| ChecksumAlgorithm::from_static(of.name())),
        checksum_type: algorithm.map(|_| shown(upload.checksum_scope)),
        initiated: Some(times::shown(upload.begun)),
        initiator: Some(Initiator {
            display_name: None,
            id: Some(names::canonical_id(account)),
        }),
        key: Some(written.write(upload.key)),
        owner: Some(names::owner(account)),
        storage_class: Some(StorageClass::from(describe::class(
            &upload.description.extra,
        ))),
        upload_id: Some(upload.id),
    }
}
