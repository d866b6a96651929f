//! `DeleteBucketPolicy`.

use super::{POLICY, S3};
use crate::caller::Caller;
use s3s::dto::{DeleteBucketPolicyInput, DeleteBucketPolicyOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteBucketPolicyInput>,
) -> S3Result<S3Response<DeleteBucketPolicyOutput>> {
    let caller = Caller::of(&request)?;
    s3.configure(&caller, &request.input.bucket, |settings| {
        settings.documents.remove(POLICY);
    })
    .await?;
    Ok(S3Response::new(DeleteBucketPolicyOutput::default()))
}
