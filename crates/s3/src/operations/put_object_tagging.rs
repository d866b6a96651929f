//! `PutObjectTagging`: all tags of a version.

use super::S3;
use crate::caller::Caller;
use crate::describe::{self, MOST_OBJECT_TAGS};
use objects::Redescribe;
use s3s::dto::{PutObjectTaggingInput, PutObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutObjectTaggingInput>,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let change = Redescribe {
        tags: Some(describe::tag_set(input.tagging.tag_set, MOST_OBJECT_TAGS)?),
        ..Redescribe::default()
    };
    let place = (input.bucket.as_str(), input.key.as_str());
    let version = input.version_id.as_deref();
    let object = s3.redescribe(&caller, place, version, &change).await?;
    Ok(S3Response::new(PutObjectTaggingOutput {
        version_id: describe::version(&object, &caller),
    }))
}
