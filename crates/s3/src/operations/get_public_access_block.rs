//! `GetPublicAccessBlock`.

use super::S3;
use super::support::{PUBLIC_ACCESS, bare, public_access};
use crate::caller::Caller;
use http::StatusCode;
use s3s::dto::{
    GetPublicAccessBlockInput, GetPublicAccessBlockOutput, PublicAccessBlockConfiguration,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetPublicAccessBlockInput>,
) -> S3Result<S3Response<GetPublicAccessBlockOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    if !bucket.settings.documents.contains_key(PUBLIC_ACCESS) {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("NoSuchPublicAccessBlockConfiguration".into()),
            "The public access block configuration was not found",
        );
        error.set_status_code(StatusCode::NOT_FOUND);
        return Err(error);
    }
    let held = public_access(bucket);
    Ok(bare(GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(PublicAccessBlockConfiguration {
            block_public_acls: Some(held.block_public_acls),
            block_public_policy: Some(held.block_public_policy),
            ignore_public_acls: Some(held.ignore_public_acls),
            restrict_public_buckets: Some(held.restrict_public_buckets),
        }),
    }))
}
