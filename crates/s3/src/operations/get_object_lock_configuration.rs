//! `GetObjectLockConfiguration`: there never is one, as none can be put.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetObjectLockConfigurationInput>,
) -> S3Result<S3Response<GetObjectLockConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Err(s3_error!(
        ObjectLockConfigurationNotFoundError,
        "Object Lock configuration does not exist for this bucket"
    ))
}
