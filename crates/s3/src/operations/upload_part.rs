//! `UploadPart`.

use super::S3;
use super::support::MOST_AT_ONCE;
use crate::caller::Caller;
use crate::checksums::{self, promised, sent, show, trailing};
use crate::encryption::{key_of, show_customer};
use crate::fault::{fault, too_large};
use crate::{body, encryption};
use objects::CustomerKeyMistake;
use s3s::dto::{ETag, UploadPartInput, UploadPartOutput};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    mut request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let caller = Caller::of(&request)?;
    let input = &mut request.input;
    let customer = encryption::brought(key_of!(input), None)?;
    let md5 = customer.as_ref().map(|key| key.md5().to_owned());
    let number = number(input.part_number)?;
    let sums = sent!(input);
    checksums::check_announced(&request.headers, &sums)?;
    let mut expected = promised(sums, input.content_md5.as_deref(), input.content_length)?;
    if expected.bytes.is_some_and(|bytes| bytes > MOST_AT_ONCE) {
        return Err(too_large());
    }
    let named = checksums::algorithm(input.checksum_algorithm.as_ref())?;
    expected.compute.extend(named);
    let trailer = trailing(&request.headers, request.trailing_headers.take())?;
    let trailer = trailer.map(|(algorithm, take)| {
        expected.compute.insert(algorithm);
        take
    });
    let part = objects::UploadPart {
        expected,
        trailer,
        customer,
    };
    let stream = body::incoming(input.body.take());
    let target = (input.bucket.as_str(), input.key.as_str());
    let made = s3
        .store
        .upload_part(
            &caller.workspace,
            target,
            &input.upload_id,
            number,
            stream,
            part,
        )
        .await
        .map_err(part_fault)?;
    let mut output = UploadPartOutput {
        e_tag: Some(ETag::Strong(made.etag)),
        ..UploadPartOutput::default()
    };
    show!(&made.checksums => output);
    show_customer!(md5.as_deref() => output);
    Ok(S3Response::new(output))
}

/// What is wrong with a part, in other words than with an object that is read.
pub(super) fn part_fault(error: objects::Error) -> S3Error {
    match error {
        objects::Error::CustomerKey(CustomerKeyMistake::Missing) => s3_error!(
            InvalidRequest,
            "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters."
        ),
        objects::Error::CustomerKey(_) => s3_error!(
            InvalidRequest,
            "The provided encryption parameters did not match the ones used originally."
        ),
        other => fault(other),
    }
}

pub(super) fn number(number: i32) -> S3Result<u32> {
    match u32::try_from(number) {
        Ok(part) if (1..=objects::MOST_PARTS).contains(&part) => Ok(part),
        _ => Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        )),
    }
}
