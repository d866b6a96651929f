//! `PutBucketVersioning`.

use super::S3;
use crate::caller::Caller;
use objects::Versioning;
use s3s::dto::{BucketVersioningStatus, PutBucketVersioningInput, PutBucketVersioningOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketVersioningInput>,
) -> S3Result<S3Response<PutBucketVersioningOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let wanted = input.versioning_configuration;
    let deletes = wanted.mfa_delete.as_ref().map(s3s::dto::MFADelete::as_str);
    if input.mfa.is_some() || deletes == Some("Enabled") {
        return Err(s3_error!(
            NotImplemented,
            "multi-factor deletes are not implemented"
        ));
    }
    let status = wanted.status.as_ref().map(BucketVersioningStatus::as_str);
    let versioning = match status {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => {
            return Err(s3_error!(
                IllegalVersioningConfigurationException,
                "The Versioning element must be specified"
            ));
        }
    };
    let is_lockable = caller.bucket(&input.bucket)?.settings.lock.is_some();
    if is_lockable && versioning != Versioning::Enabled {
        return Err(s3_error!(
            InvalidBucketState,
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
        ));
    }
    s3.configure(&caller, &input.bucket, |settings| {
        settings.versioning = versioning;
    })
    .await?;
    Ok(S3Response::new(PutBucketVersioningOutput::default()))
}
