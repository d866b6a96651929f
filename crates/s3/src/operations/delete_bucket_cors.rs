//! `DeleteBucketCors`.

use super::S3;
use crate::caller::Caller;
use crate::cors;
use s3s::dto::{DeleteBucketCorsInput, DeleteBucketCorsOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteBucketCorsInput>,
) -> S3Result<S3Response<DeleteBucketCorsOutput>> {
    let caller = Caller::of(&request)?;
    s3.configure(&caller, &request.input.bucket, |settings| {
        settings.documents.remove(cors::DOCUMENT);
    })
    .await?;
    Ok(S3Response::new(DeleteBucketCorsOutput::default()))
}
