//! `AbortMultipartUpload`.

use super::S3;
use crate::caller::Caller;
use crate::fault::fault;
use s3s::dto::{AbortMultipartUploadInput, AbortMultipartUploadOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    s3.store
        .abort_upload(
            &caller.workspace,
            &input.bucket,
            &input.key,
            &input.upload_id,
        )
        .await
        .map_err(fault)?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}
