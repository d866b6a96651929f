//! `GetObjectTagging`.

use super::S3;
use crate::caller::Caller;
use crate::describe;
use s3s::dto::{GetObjectTaggingInput, GetObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    let object = s3
        .object(&caller, &input.bucket, &input.key, version)
        .await?;
    Ok(S3Response::new(GetObjectTaggingOutput {
        version_id: describe::version(&object, &caller),
        tag_set: describe::shown_tags(object.tags),
    }))
}
