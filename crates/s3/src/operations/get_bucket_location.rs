//! `GetBucketLocation`: empty for the first region, as it always was.

use super::S3;
use super::create_bucket::FIRST_REGION;
use crate::caller::Caller;
use s3s::dto::{BucketLocationConstraint, GetBucketLocationInput, GetBucketLocationOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let region = bucket.settings.region.clone();
    Ok(S3Response::new(GetBucketLocationOutput {
        location_constraint: region
            .filter(|region| region != FIRST_REGION)
            .map(BucketLocationConstraint::from),
    }))
}
