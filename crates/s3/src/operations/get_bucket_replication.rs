//! `GetBucketReplication`: there never is one, as none can be put.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{GetBucketReplicationInput, GetBucketReplicationOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketReplicationInput>,
) -> S3Result<S3Response<GetBucketReplicationOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Err(s3_error!(
        ReplicationConfigurationNotFoundError,
        "The replication configuration was not found"
    ))
}
