//! `GetObjectAcl`: the owner has full control and nobody else any, as access control lists are
//! disabled.

use super::S3;
use super::support::owner_only;
use crate::caller::Caller;
use crate::names;
use s3s::dto::{GetObjectAclInput, GetObjectAclOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<GetObjectAclInput>,
) -> S3Result<S3Response<GetObjectAclOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let version = input.version_id.as_deref();
    s3.object(&caller, &input.bucket, &input.key, version)
        .await?;
    Ok(S3Response::new(GetObjectAclOutput {
        grants: Some(owner_only(&caller.account)),
        owner: Some(names::owner(&caller.account)),
        ..GetObjectAclOutput::default()
    }))
}
