//! `HeadObject`: what `GetObject` would answer, without the bytes.

use super::S3;
use super::get_object::{content_range, part, parts_count, range};
use crate::caller::Caller;
use crate::checksums::{show, shown_scope};
use crate::describe::{describe, further_headers};
use crate::encryption::key_of;
use crate::fault::fault;
use crate::{conditions, encryption};
use objects::Object;
use s3s::dto::{HeadObjectInput, HeadObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use std::ops::Range;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    let object = s3
        .object(&caller, &input.bucket, &input.key, version)
        .await?;
    let customer = encryption::brought(key_of!(input), None)?;
    object.opens_with(customer.as_ref()).map_err(fault)?;
    conditions::read(
        input.if_match.as_ref(),
        input.if_none_match.as_ref(),
        input.if_modified_since,
        input.if_unmodified_since,
    )
    .check(&object)
    .map_err(fault)?;
    let part = part(input.part_number)?;
    let asked = match (input.range.map(range), part) {
        (Some(_), Some(_)) => {
            return Err(s3_error!(
                InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter"
            ));
        }
        (Some(range), None) => Some(range.of(object.bytes).map_err(fault)?),
        (None, Some(part)) => Some(part_range(&object, part)?),
        (None, None) => None,
    };
    let length = asked.as_ref().map_or(object.bytes, |r| r.end - r.start);
    let mut output = HeadObjectOutput {
        content_length: i64::try_from(length).ok(),
        content_range: asked.map(|range| content_range(&range, object.bytes)),
        parts_count: parts_count(&object, part),
        ..HeadObjectOutput::default()
    };
    describe!(&object, &caller, &s3.settings.region => output);
    if input.checksum_mode.is_some() && length == object.bytes {
        show!(&object.checksums => output);
        output.checksum_type = shown_scope(&object.checksums, object.checksum_scope);
    }
    Ok(S3Response::with_headers(
        output,
        further_headers(&object.headers),
    ))
}

fn part_range(object: &Object, part: u32) -> S3Result<Range<u64>> {
    let index = part as usize - 1;
    if object.parts.is_empty() && index == 0 {
        return Ok(0..object.bytes);
    }
    let Some(&length) = object.parts.get(index) else {
        return Err(fault(objects::Error::InvalidRange {
            bytes: object.bytes,
        }));
    };
    let start: u64 = object.parts[..index].iter().sum();
    Ok(start..start + length)
}
