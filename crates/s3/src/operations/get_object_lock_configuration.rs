//! `GetObjectLockConfiguration`: whether versions of a bucket can be locked, and for how long new
//! ones are.

use super::S3;
use super::support::bare;
use crate::caller::Caller;
use crate::locks;
use s3s::dto::{GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetObjectLockConfigurationInput>,
) -> S3Result<S3Response<GetObjectLockConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let lock = caller.bucket(&request.input.bucket)?.settings.lock;
    let lock = lock.ok_or_else(|| {
        s3_error!(
            ObjectLockConfigurationNotFoundError,
            "Object Lock configuration does not exist for this bucket"
        )
    })?;
    Ok(bare(GetObjectLockConfigurationOutput {
        object_lock_configuration: Some(locks::shown_bucket(lock)),
    }))
}
