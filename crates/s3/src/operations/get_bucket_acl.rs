//! `GetBucketAcl`: the owner has full control and nobody else any, as access control lists are
//! disabled.

use super::S3;
use super::support::owner_only;
use crate::caller::Caller;
use crate::names;
use s3s::dto::{GetBucketAclInput, GetBucketAclOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketAclInput>,
) -> S3Result<S3Response<GetBucketAclOutput>> {
    let caller = Caller::of(&request)?;
    caller.bucket(&request.input.bucket)?;
    Ok(S3Response::new(GetBucketAclOutput {
        grants: Some(owner_only(&caller.account)),
        owner: Some(names::owner(&caller.account)),
    }))
}
