//! `CompleteMultipartUpload`: joins the listed parts. It goes on when the caller goes away, and an
//! answer that takes long is kept alive with white space, as the real service does.

use super::S3;
use crate::caller::Caller;
use crate::checksums::{sent, show, shown_scope};
use crate::fault::fault;
use crate::{conditions, describe, encryption};
use futures::future::{Either, select};
use objects::{Complete, CompletedPart};
use s3s::dto::{ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, ETag};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use std::pin::pin;
use std::time::Duration;

/// How long the answer is waited for before its beginning is sent.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    let complete = demands(&request.input)?;
    let (s3, input) = (s3.clone(), request.input);
    let mut task = tokio::spawn(async move { join(&s3, &caller, &input, complete).await });
    let waited = {
        let timeout = pin!(tokio::time::sleep(PATIENCE));
        match select(&mut task, timeout).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    };
    if let Some(done) = waited {
        return done.map_err(S3Error::internal_error)?.map(S3Response::new);
    }
    Ok(S3Response::new(CompleteMultipartUploadOutput {
        future: Some(Box::pin(async move {
            task.await.map_err(S3Error::internal_error)?
        })),
        ..CompleteMultipartUploadOutput::default()
    }))
}

/// What the request demands.
fn demands(input: &CompleteMultipartUploadInput) -> S3Result<Complete> {
    let listed = input
        .multipart_upload
        .as_ref()
        .and_then(|upload| upload.parts.as_ref())
        .filter(|parts| !parts.is_empty())
        .ok_or_else(|| {
            s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema"
            )
        })?;
    let mut parts = Vec::with_capacity(listed.len());
    for part in listed {
        parts.push(CompletedPart {
            number: super::upload_part::number(part.part_number.unwrap_or_default())?,
            etag: part.e_tag.as_ref().map(|tag| tag.value().to_owned()),
            checksums: sent!(part),
        });
    }
    let mut checksums = sent!(input);
    let is_composite = input
        .checksum_type
        .as_ref()
        .is_some_and(|kind| kind.as_str() == ChecksumType::COMPOSITE);
    if is_composite {
        for value in checksums.values_mut().filter(|value| !value.contains('-')) {
            *value = format!("{value}-{}", parts.len());
        }
    }
    Ok(Complete {
        parts,
        precondition: conditions::write(input.if_match.as_ref(), input.if_none_match.as_ref())?,
        checksums,
        bytes: input.mpu_object_size.and_then(|n| u64::try_from(n).ok()),
    })
}

async fn join(
    s3: &S3,
    caller: &Caller,
    input: &CompleteMultipartUploadInput,
    complete: Complete,
) -> S3Result<CompleteMultipartUploadOutput> {
    let target = (input.bucket.as_str(), input.key.as_str());
    let object = s3
        .store
        .complete_upload(&caller.workspace, target, &input.upload_id, &complete)
        .await
        .map_err(fault)?;
    let key = crate::names::Written::Url.write(&input.key);
    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        location: Some(format!("/{}/{key}", input.bucket)),
        version_id: describe::version(&object, caller),
        checksum_type: shown_scope(&object.checksums, object.checksum_scope),
        ..CompleteMultipartUploadOutput::default()
    };
    show!(&object.checksums => output);
    (output.server_side_encryption, output.ssekms_key_id) =
        encryption::shown(&object, &s3.settings.region, &caller.account);
    Ok(output)
}
