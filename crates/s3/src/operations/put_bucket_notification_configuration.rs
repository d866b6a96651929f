//! `PutBucketNotificationConfiguration`: functions are called for new objects from now on.

use super::S3;
use crate::caller::Caller;
use crate::fault::access_fault;
use crate::notifications;
use s3s::dto::{PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> S3Result<S3Response<PutBucketNotificationConfigurationOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let before = notifications::of(caller.bucket(&input.bucket)?);
    let world = &s3.settings.world;
    let mut wanted = notifications::read(input.notification_configuration, || {
        world.fresh_id("notify")
    })?;
    let identity = caller.identity.as_ref();
    let identity = identity.ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))?;
    let told = s3
        .access
        .notify(identity, &input.bucket, &before, &mut wanted);
    told.await.map_err(access_fault)?;
    let text = notifications::kept(&wanted)?;
    s3.configure(&caller, &input.bucket, |settings| {
        if wanted.is_empty() {
            settings.documents.remove(notifications::DOCUMENT);
        } else {
            let name = notifications::DOCUMENT.to_owned();
            settings.documents.insert(name, text.clone());
        }
    })
    .await?;
    Ok(S3Response::new(
        PutBucketNotificationConfigurationOutput::default(),
    ))
}
