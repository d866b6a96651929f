//! `GetBucketOwnershipControls`: the bucket's owner owns every object, always.

use super::S3;
use super::support::bare;
use crate::caller::Caller;
use s3s::dto::{
    GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput, ObjectOwnership,
    OwnershipControls, OwnershipControlsRule,
};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketOwnershipControlsInput>,
) -> S3Result<S3Response<GetBucketOwnershipControlsOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Ok(bare(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: ObjectOwnership::from_static(
                    ObjectOwnership::BUCKET_OWNER_ENFORCED,
                ),
            }],
        }),
    }))
}
