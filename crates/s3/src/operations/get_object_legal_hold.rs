//! `GetObjectLegalHold`: whether a version is held.

use super::S3;
use super::support::bare;
use crate::caller::Caller;
use crate::locks;
use s3s::dto::{GetObjectLegalHoldInput, GetObjectLegalHoldOutput, ObjectLockLegalHold};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectLegalHoldInput>,
) -> S3Result<S3Response<GetObjectLegalHoldOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    let object = s3
        .lockable(&caller, &input.bucket, &input.key, version)
        .await?;
    let hold = object.lock.hold.ok_or_else(super::unlocked)?;
    Ok(bare(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(locks::shown_hold(hold)),
        }),
    }))
}
