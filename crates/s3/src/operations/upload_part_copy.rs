//! `UploadPartCopy`: a part from a range of another object.

use super::S3;
use super::copy_object::source_fault;
use super::support::bare;
use super::upload_part::number;
use crate::caller::Caller;
use crate::checksums::show;
use crate::encryption::{key_of, show_customer, source_key_of};
use crate::{conditions, encryption, times};
use objects::{ByteRange, Get};
use s3s::dto::{CopyPartResult, ETag, UploadPartCopyInput, UploadPartCopyOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let owner = input.expected_source_bucket_owner.as_ref();
    let source = s3.source(&caller, &input.copy_source, owner).await?;
    let customer = encryption::brought(key_of!(input), None)?;
    let md5 = customer.as_ref().map(|key| key.md5().to_owned());
    let get = Get {
        customer: encryption::brought(source_key_of!(input), None)?,
        version: source.version,
        range: range(input.copy_source_range.as_deref())?,
        part: None,
        conditions: conditions::read(
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since,
            input.copy_source_if_unmodified_since,
        ),
    };
    let version = get.version.as_deref();
    let head = s3
        .store
        .head_object(&caller.workspace, &source.bucket.name, &source.key, version)
        .await
        .map_err(source_fault)?;
    s3.demand_opening(&caller, &head).await?;
    let target = (input.bucket.as_str(), input.key.as_str());
    let from = (source.bucket.name.as_str(), source.key.as_str(), &get);
    let number = number(input.part_number)?;
    let (part, object) = s3
        .store
        .copy_part(
            &caller.workspace,
            target,
            &input.upload_id,
            number,
            from,
            customer,
        )
        .await
        .map_err(source_fault)?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(times::shown(part.modified)),
        ..CopyPartResult::default()
    };
    show!(&part.checksums => result);
    let mut output = UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: (object.version != objects::NULL_VERSION).then_some(object.version),
        ..UploadPartCopyOutput::default()
    };
    show_customer!(md5.as_deref() => output);
    Ok(bare(output))
}

/// Only `bytes=first-last` may be said here.
fn range(header: Option<&str>) -> S3Result<Option<ByteRange>> {
    let Some(header) = header else {
        return Ok(None);
    };
    match ByteRange::parse(header).as_deref() {
        Some([range @ ByteRange::FromTo(..)]) => Ok(Some(*range)),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
        )),
    }
}
