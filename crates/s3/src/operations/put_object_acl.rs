//! `PutObjectAcl`: the list that every object has can be put; every other is refused, as access
//! control lists are disabled.

use super::S3;
use crate::caller::Caller;
use crate::describe::refuse_acls;
use s3s::dto::{PutObjectAclInput, PutObjectAclOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutObjectAclInput>,
) -> S3Result<S3Response<PutObjectAclOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    s3.object(&caller, &input.bucket, &input.key, version)
        .await?;
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write_acp,
    ];
    let listed = input.access_control_policy.is_some() || input.grant_write.is_some();
    refuse_acls(input.acl.as_ref(), listed, grants)?;
    Ok(S3Response::new(PutObjectAclOutput::default()))
}
