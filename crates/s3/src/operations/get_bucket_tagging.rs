//! `GetBucketTagging`.

use super::S3;
use crate::caller::Caller;
use crate::describe;
use s3s::dto::{GetBucketTaggingInput, GetBucketTaggingOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketTaggingInput>,
) -> S3Result<S3Response<GetBucketTaggingOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    if bucket.settings.tags.is_empty() {
        return Err(s3_error!(NoSuchTagSet, "The TagSet does not exist"));
    }
    Ok(S3Response::new(GetBucketTaggingOutput {
        tag_set: describe::shown_tags(bucket.settings.tags.clone()),
    }))
}
