//! `DeleteBucket`: only an empty one.

use super::S3;
use crate::caller::Caller;
use crate::fault::fault;
use s3s::dto::{DeleteBucketInput, DeleteBucketOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    let caller = Caller::of(&request)?;
    s3.store
        .delete_bucket(&caller.workspace, &request.input.bucket)
        .await
        .map_err(fault)?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}
