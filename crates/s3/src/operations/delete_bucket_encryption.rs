//! `DeleteBucketEncryption`: new objects are stored in plain again.

use super::{ENCRYPTION, S3};
use crate::caller::Caller;
use s3s::dto::{DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteBucketEncryptionInput>,
) -> S3Result<S3Response<DeleteBucketEncryptionOutput>> {
    let caller = Caller::of(&request)?;
    s3.configure(&caller, &request.input.bucket, |settings| {
        settings.encryption = None;
        settings.documents.remove(ENCRYPTION);
    })
    .await?;
    Ok(S3Response::new(DeleteBucketEncryptionOutput::default()))
}
