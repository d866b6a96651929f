//! `GetBucketNotificationConfiguration`: nothing is notified, as none can be put.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> S3Result<S3Response<GetBucketNotificationConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Ok(S3Response::new(
        GetBucketNotificationConfigurationOutput::default(),
    ))
}
