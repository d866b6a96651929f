//! `DeleteObjectTagging`: a version without tags.

use super::S3;
use crate::caller::Caller;
use crate::describe;
use objects::{Redescribe, Tags};
use s3s::dto::{DeleteObjectTaggingInput, DeleteObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let change = Redescribe {
        tags: Some(Tags::new()),
        ..Redescribe::default()
    };
    let place = (input.bucket.as_str(), input.key.as_str());
    let version = input.version_id.as_deref();
    let object = s3.redescribe(&caller, place, version, &change).await?;
    Ok(S3Response::new(DeleteObjectTaggingOutput {
        version_id: describe::version(&object, &caller),
    }))
}
