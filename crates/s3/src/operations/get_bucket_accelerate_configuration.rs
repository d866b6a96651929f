//! `GetBucketAccelerateConfiguration`: never accelerated, as it cannot be turned on.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketAccelerateConfigurationInput>,
) -> S3Result<S3Response<GetBucketAccelerateConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Ok(S3Response::new(
        GetBucketAccelerateConfigurationOutput::default(),
    ))
}
