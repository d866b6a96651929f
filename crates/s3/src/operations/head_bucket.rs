//! `HeadBucket`.

use super::S3;
use super::create_bucket::FIRST_REGION;
use crate::caller::Caller;
use s3s::dto::{HeadBucketInput, HeadBucketOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let region = bucket.settings.region.clone();
    Ok(S3Response::new(HeadBucketOutput {
        bucket_region: Some(region.unwrap_or_else(|| FIRST_REGION.to_owned())),
        ..HeadBucketOutput::default()
    }))
}
