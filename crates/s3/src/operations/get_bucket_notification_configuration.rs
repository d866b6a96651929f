//! `GetBucketNotificationConfiguration`: which functions are called for new objects.

use super::S3;
use crate::caller::Caller;
use crate::notifications;
use s3s::dto::{GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> S3Result<S3Response<GetBucketNotificationConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let kept = notifications::of(caller.bucket(&request.input.bucket)?);
    let shown = (!kept.is_empty()).then(|| notifications::shown(kept));
    Ok(S3Response::new(GetBucketNotificationConfigurationOutput {
        lambda_function_configurations: shown,
        ..GetBucketNotificationConfigurationOutput::default()
    }))
}
