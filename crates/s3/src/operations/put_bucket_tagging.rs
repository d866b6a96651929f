//! `PutBucketTagging`: all tags of a bucket.

use super::S3;
use crate::caller::Caller;
use crate::describe;
use s3s::dto::{PutBucketTaggingInput, PutBucketTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

/// Most tags of a bucket (Amazon S3, "Using cost allocation S3 bucket tags").
const MOST_TAGS: usize = 50;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketTaggingInput>,
) -> S3Result<S3Response<PutBucketTaggingOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let tags = describe::tag_set(input.tagging.tag_set, MOST_TAGS)?;
    s3.configure(&caller, &input.bucket, |settings| {
        settings.tags.clone_from(&tags);
    })
    .await?;
    Ok(S3Response::new(PutBucketTaggingOutput::default()))
}
