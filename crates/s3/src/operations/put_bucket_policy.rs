//! `PutBucketPolicy`: what cannot be honoured is refused here, and a public policy where the
//! bucket's public access block says so.

use super::{POLICY, S3};
use crate::caller::Caller;
use crate::policy::Policy;
use s3s::dto::{PutBucketPolicyInput, PutBucketPolicyOutput};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketPolicyInput>,
) -> S3Result<S3Response<PutBucketPolicyOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let bucket = caller.bucket(&input.bucket)?;
    let policy = Policy::for_bucket(&input.policy, &input.bucket)
        .map_err(|error| S3Error::with_message(S3ErrorCode::MalformedPolicy, error.to_string()))?;
    if policy.is_public() && super::support::public_access(bucket).block_public_policy {
        return Err(s3_error!(
            AccessDenied,
            "the bucket's public access block does not allow public policies"
        ));
    }
    s3.configure(&caller, &input.bucket, |settings| {
        let text = input.policy.clone();
        settings.documents.insert(POLICY.to_owned(), text);
    })
    .await?;
    Ok(S3Response::new(PutBucketPolicyOutput::default()))
}
