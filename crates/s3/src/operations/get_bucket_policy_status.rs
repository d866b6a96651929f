//! `GetBucketPolicyStatus`: whether the policy lets everybody do something.

use super::support::bare;
use super::{POLICY, S3};
use crate::caller::Caller;
use crate::policy::Policy;
use s3s::dto::{GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> S3Result<S3Response<GetBucketPolicyStatusOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let text = bucket.settings.documents.get(POLICY);
    let text = text.ok_or_else(super::support::no_policy)?;
    let policy = Policy::for_bucket(text, &bucket.name).ok();
    Ok(bare(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(policy.is_some_and(|policy| policy.is_public())),
        }),
    }))
}
