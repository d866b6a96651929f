//! `GetObject`: all of an object, a range, or a part, streamed.

use super::S3;
use crate::caller::Caller;
use crate::checksums::{show, shown_scope};
use crate::describe::{describe, further_headers};
use crate::encryption::key_of;
use crate::{body, conditions, encryption};
use objects::{ByteRange, Get};
use s3s::dto::{GetObjectInput, GetObjectOutput, Range};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let get = Get {
        customer: encryption::brought(key_of!(input), None)?,
        version: input.version_id.clone(),
        range: input.range.map(range),
        part: part(input.part_number)?,
        conditions: conditions::read(
            input.if_match.as_ref(),
            input.if_none_match.as_ref(),
            input.if_modified_since,
            input.if_unmodified_since,
        ),
    };
    let found = s3
        .store
        .get_object(&caller.workspace, &input.bucket, &input.key, &get)
        .await;
    let contents = match found {
        Ok(contents) => contents,
        Err(error) => return Err(s3.unread(&caller, &input.bucket, error).await),
    };
    let object = contents.object;
    s3.demand_opening(&caller, &object).await?;
    let length = contents.range.end - contents.range.start;
    let mut output = GetObjectOutput {
        body: Some(body::outgoing(contents.body, length)),
        content_length: i64::try_from(length).ok(),
        parts_count: parts_count(&object, get.part),
        tag_count: i32::try_from(object.tags.len()).ok().filter(|n| *n > 0),
        ..GetObjectOutput::default()
    };
    describe!(&object, &caller, &s3.settings.region => output);
    if get.range.is_some() || get.part.is_some() {
        output.content_range = Some(content_range(&contents.range, object.bytes));
    }
    if input.checksum_mode.is_some() && length == object.bytes {
        show!(&object.checksums => output);
        output.checksum_type = shown_scope(&object.checksums, object.checksum_scope);
    }
    let further = further_headers(&object.headers);
    let overridden = input.response_expires.is_some();
    Ok(S3Response::with_headers(
        output,
        if overridden {
            http::HeaderMap::new()
        } else {
            further
        },
    ))
}

/// How many parts the object has, which only a request for a part is told.
pub(super) fn parts_count(object: &objects::Object, part: Option<u32>) -> Option<i32> {
    part?;
    i32::try_from(object.parts.len()).ok().filter(|n| *n > 0)
}

pub(super) fn content_range(range: &std::ops::Range<u64>, bytes: u64) -> String {
    // An empty object has no byte to name; only a part of it can be asked for.
    let last = range.end.saturating_sub(1).max(range.start);
    format!("bytes {}-{last}/{bytes}", range.start)
}

pub(super) fn range(range: Range) -> ByteRange {
    match range {
        Range::Int { first, last: None } => ByteRange::From(first),
        Range::Int {
            first,
            last: Some(last),
        } => ByteRange::FromTo(first, last),
        Range::Suffix { length } => ByteRange::Suffix(length),
    }
}

pub(super) fn part(number: Option<i32>) -> S3Result<Option<u32>> {
    let Some(number) = number else {
        return Ok(None);
    };
    match u32::try_from(number) {
        Ok(part) if (1..=objects::MOST_PARTS).contains(&part) => Ok(Some(part)),
        _ => Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        )),
    }
}
