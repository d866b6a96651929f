//! `DeletePublicAccessBlock`.

use super::S3;
use super::support::PUBLIC_ACCESS;
use crate::caller::Caller;
use s3s::dto::{DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeletePublicAccessBlockInput>,
) -> S3Result<S3Response<DeletePublicAccessBlockOutput>> {
    let caller = Caller::of(&request)?;
    s3.configure(&caller, &request.input.bucket, |settings| {
        settings.documents.remove(PUBLIC_ACCESS);
    })
    .await?;
    Ok(S3Response::new(DeletePublicAccessBlockOutput::default()))
}
