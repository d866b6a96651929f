//! `PutObjectLockConfiguration`: lets the versions of a bucket be locked, which is for good, and says
//! for how long new ones are.

use super::S3;
use crate::caller::Caller;
use crate::locks;
use objects::Versioning;
use s3s::dto::{PutObjectLockConfigurationInput, PutObjectLockConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutObjectLockConfigurationInput>,
) -> S3Result<S3Response<PutObjectLockConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let lock = locks::of_bucket(input.object_lock_configuration)?;
    if caller.bucket(&input.bucket)?.settings.versioning != Versioning::Enabled {
        return Err(s3_error!(
            InvalidBucketState,
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        ));
    }
    s3.configure(&caller, &input.bucket, |settings| {
        settings.versioning = Versioning::Enabled;
        settings.lock = Some(lock);
    })
    .await?;
    Ok(S3Response::new(PutObjectLockConfigurationOutput::default()))
}
