//! `GetBucketPolicy`: to the letter as it was put.

use super::{POLICY, S3};
use crate::caller::Caller;
use s3s::dto::{GetBucketPolicyInput, GetBucketPolicyOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketPolicyInput>,
) -> S3Result<S3Response<GetBucketPolicyOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let policy = bucket.settings.documents.get(POLICY).cloned();
    Ok(S3Response::new(GetBucketPolicyOutput {
        policy: Some(policy.ok_or_else(super::support::no_policy)?),
    }))
}
