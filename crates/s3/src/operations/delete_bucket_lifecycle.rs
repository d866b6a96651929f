//! `DeleteBucketLifecycle`.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteBucketLifecycleInput>,
) -> S3Result<S3Response<DeleteBucketLifecycleOutput>> {
    let caller = Caller::of(&request)?;
    s3.configure(&caller, &request.input.bucket, |settings| {
        settings.lifecycle.clear();
    })
    .await?;
    Ok(S3Response::new(DeleteBucketLifecycleOutput::default()))
}
