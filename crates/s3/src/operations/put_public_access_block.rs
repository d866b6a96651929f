//! `PutPublicAccessBlock`: its two switches about policies are honoured by `PutBucketPolicy` and
//! at the gate; those about access control lists hold anyhow, as there are none.

use super::S3;
use super::support::{PUBLIC_ACCESS, PublicAccess};
use crate::caller::Caller;
use s3s::dto::{PutPublicAccessBlockInput, PutPublicAccessBlockOutput};
use s3s::{S3Error, S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutPublicAccessBlockInput>,
) -> S3Result<S3Response<PutPublicAccessBlockOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let wanted = input.public_access_block_configuration;
    let block = PublicAccess {
        block_public_acls: wanted.block_public_acls == Some(true),
        ignore_public_acls: wanted.ignore_public_acls == Some(true),
        block_public_policy: wanted.block_public_policy == Some(true),
        restrict_public_buckets: wanted.restrict_public_buckets == Some(true),
    };
    let text = serde_json::to_string(&block).map_err(S3Error::internal_error)?;
    s3.configure(&caller, &input.bucket, |settings| {
        let text = text.clone();
        settings.documents.insert(PUBLIC_ACCESS.to_owned(), text);
    })
    .await?;
    Ok(S3Response::new(PutPublicAccessBlockOutput::default()))
}
