//! `PutBucketAcl`: the list that every bucket has can be put; every other is refused, as access
//! control lists are disabled.

use super::S3;
use crate::caller::Caller;
use crate::describe::refuse_acls;
use s3s::dto::{ObjectCannedACL, PutBucketAclInput, PutBucketAclOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<PutBucketAclInput>,
) -> S3Result<S3Response<PutBucketAclOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    caller.bucket(&input.bucket)?;
    let canned = input
        .acl
        .map(|acl| ObjectCannedACL::from(acl.as_str().to_owned()));
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write_acp,
    ];
    let listed = input.access_control_policy.is_some() || input.grant_write.is_some();
    refuse_acls(canned.as_ref(), listed, grants)?;
    Ok(S3Response::new(PutBucketAclOutput::default()))
}
