//! `GetBucketLogging`: access is not logged into buckets, as it cannot be turned on.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{GetBucketLoggingInput, GetBucketLoggingOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketLoggingInput>,
) -> S3Result<S3Response<GetBucketLoggingOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Ok(S3Response::new(GetBucketLoggingOutput::default()))
}
