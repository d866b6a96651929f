//! `DeleteObjects`: up to 1,000 keys, each with a permission and an outcome of its own.

use super::S3;
use crate::caller::Caller;
use crate::fault::fault;
use crate::names::object_arn;
use futures::{StreamExt as _, stream};
use objects::Deleted;
use s3s::dto::{DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier};
use s3s::{S3Request, S3Response, S3Result, s3_error};

/// Most keys of a request.
const MOST: usize = 1_000;
/// Deletions at a time.
const AT_ONCE: usize = 8;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    caller.bucket(&input.bucket)?;
    if input.mfa.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "multi-factor deletes are not implemented"
        ));
    }
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MOST {
        return Err(s3_error!(MalformedXML));
    }
    let bypass = input.bypass_governance_retention == Some(true);
    let is_quiet = input.delete.quiet == Some(true);
    let outcomes: Vec<Result<DeletedObject, Error>> = stream::iter(objects)
        .map(|object| delete(s3, &caller, &input.bucket, object, bypass))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut output = DeleteObjectsOutput::default();
    let (mut deleted, mut errors) = (vec![], vec![]);
    for outcome in outcomes {
        match outcome {
            Ok(_) if is_quiet => {}
            Ok(done) => deleted.push(done),
            Err(error) => errors.push(error),
        }
    }
    output.deleted = (!deleted.is_empty()).then_some(deleted);
    output.errors = (!errors.is_empty()).then_some(errors);
    Ok(S3Response::new(output))
}

async fn delete(
    s3: &S3,
    caller: &Caller,
    bucket: &str,
    object: ObjectIdentifier,
    bypass: bool,
) -> Result<DeletedObject, Error> {
    let tried = try_delete(s3, caller, bucket, &object, bypass).await;
    let deleted = match tried {
        Ok(deleted) => deleted,
        Err(error) => {
            return Err(Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(object.key),
                version_id: object.version_id,
            });
        }
    };
    let mut done = DeletedObject {
        key: Some(object.key),
        version_id: object.version_id,
        ..DeletedObject::default()
    };
    match deleted {
        Deleted::Nothing | Deleted::Object => {}
        Deleted::Marked { version } => {
            done.delete_marker = Some(true);
            done.delete_marker_version_id = Some(version);
        }
        Deleted::Version {
            version,
            was_marker,
        } => {
            if was_marker {
                done.delete_marker = Some(true);
                done.delete_marker_version_id = Some(version.clone());
            }
            done.version_id = Some(version);
        }
    }
    Ok(done)
}

async fn try_delete(
    s3: &S3,
    caller: &Caller,
    bucket: &str,
    object: &ObjectIdentifier,
    bypass: bool,
) -> S3Result<Deleted> {
    if object.e_tag.is_some() || object.size.is_some() || object.last_modified_time.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "conditional deletes are not implemented"
        ));
    }
    let action = match &object.version_id {
        Some(_) => "s3:DeleteObjectVersion",
        None => "s3:DeleteObject",
    };
    let resource = object_arn(bucket, &object.key);
    s3.authorise(caller, caller.bucket.as_deref(), action, &resource)
        .await?;
    if bypass {
        s3.authorise(caller, caller.bucket.as_deref(), super::BYPASS, &resource)
            .await?;
    }
    let version = object.version_id.as_deref();
    s3.store
        .delete_bypassing(&caller.workspace, (bucket, &object.key), version, bypass)
        .await
        .map_err(fault)
}
