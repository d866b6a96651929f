//! `PutBucketOwnershipControls`: only what holds anyhow can be put, as there are no access
//! control lists.

use super::S3;
use crate::caller::Caller;
use s3s::dto::{
    ObjectOwnership, PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<PutBucketOwnershipControlsInput>,
) -> S3Result<S3Response<PutBucketOwnershipControlsOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    let [rule] = &request.input.ownership_controls.rules[..] else {
        return Err(s3_error!(MalformedXML));
    };
    if rule.object_ownership.as_str() != ObjectOwnership::BUCKET_OWNER_ENFORCED {
        return Err(s3_error!(
            NotImplemented,
            "access control lists are disabled, so the bucket's owner owns every object"
        ));
    }
    Ok(S3Response::new(PutBucketOwnershipControlsOutput::default()))
}
