//! `DeleteObject`: the present version, with a marker where the bucket has versions, or one
//! version for good.

use super::S3;
use crate::caller::Caller;
use crate::fault::fault;
use crate::names::object_arn;
use objects::Deleted;
use s3s::dto::{DeleteObjectInput, DeleteObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let has_condition = input.if_match.is_some()
        || input.if_match_last_modified_time.is_some()
        || input.if_match_size.is_some();
    if has_condition || input.mfa.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "conditional deletes and multi-factor deletes are not implemented"
        ));
    }
    let version = input.version_id.as_deref();
    let bypass = input.bypass_governance_retention == Some(true);
    let (bucket, key) = (input.bucket.as_str(), input.key.as_str());
    if bypass {
        let resource = object_arn(bucket, key);
        s3.authorise(&caller, caller.bucket.as_deref(), super::BYPASS, &resource)
            .await?;
    }
    let deleted = s3
        .store
        .delete_bypassing(&caller.workspace, (bucket, key), version, bypass)
        .await
        .map_err(fault)?;
    let mut output = DeleteObjectOutput::default();
    match deleted {
        Deleted::Nothing => output.version_id = input.version_id,
        Deleted::Object => {}
        Deleted::Marked { version } => {
            output.delete_marker = Some(true);
            output.version_id = Some(version);
        }
        Deleted::Version {
            version,
            was_marker,
        } => {
            output.delete_marker = was_marker.then_some(true);
            output.version_id = Some(version);
        }
    }
    Ok(S3Response::new(output))
}
