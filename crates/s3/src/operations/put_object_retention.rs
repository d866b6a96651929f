//! `PutObjectRetention`: until when a version stays.

use super::S3;
use crate::caller::Caller;
use crate::locks;
use crate::names::object_arn;
use objects::{Redescribe, Relock};
use s3s::dto::{PutObjectRetentionInput, PutObjectRetentionOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutObjectRetentionInput>,
) -> S3Result<S3Response<PutObjectRetentionOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let retention = locks::retention(input.retention)?;
    let now = s3.settings.world.now();
    if retention.is_some_and(|retention| retention.until <= now) {
        return Err(s3_error!(
            InvalidArgument,
            "The retain until date must be in the future!"
        ));
    }
    let bypass = input.bypass_governance_retention == Some(true);
    if bypass {
        let resource = object_arn(&input.bucket, &input.key);
        let bucket = caller.bucket.as_deref();
        s3.authorise(&caller, bucket, super::BYPASS, &resource)
            .await?;
    }
    let change = Redescribe {
        lock: Some(Relock::Retain { retention, bypass }),
        ..Redescribe::default()
    };
    let place = (input.bucket.as_str(), input.key.as_str());
    let version = input.version_id.as_deref();
    s3.redescribe(&caller, place, version, &change).await?;
    Ok(S3Response::new(PutObjectRetentionOutput::default()))
}
