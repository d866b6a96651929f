//! `GetObjectRetention`: until when a version stays.

use super::S3;
use super::support::bare;
use crate::caller::Caller;
use crate::locks;
use s3s::dto::{
    GetObjectRetentionInput, GetObjectRetentionOutput, ObjectLockRetention, ObjectLockRetentionMode,
};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectRetentionInput>,
) -> S3Result<S3Response<GetObjectRetentionOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    let object = s3
        .lockable(&caller, &input.bucket, &input.key, version)
        .await?;
    let retention = object.lock.retention.ok_or_else(super::unlocked)?;
    Ok(bare(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(locks::word(
                retention.mode,
            ))),
            retain_until_date: Some(crate::times::shown(retention.until)),
        }),
    }))
}
