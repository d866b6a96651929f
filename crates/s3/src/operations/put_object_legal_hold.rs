//! `PutObjectLegalHold`: holds a version until it is let go.

use super::S3;
use crate::caller::Caller;
use crate::locks;
use objects::{Redescribe, Relock};
use s3s::dto::{PutObjectLegalHoldInput, PutObjectLegalHoldOutput};
use s3s::{S3Request, S3Response, S3Result};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutObjectLegalHoldInput>,
) -> S3Result<S3Response<PutObjectLegalHoldOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let change = Redescribe {
        lock: Some(Relock::Hold(locks::hold(status.as_ref())?)),
        ..Redescribe::default()
    };
    let (bucket, key) = (&input.bucket, &input.key);
    let version = input.version_id.as_deref();
    let changed = s3
        .store
        .redescribe(&caller.workspace, bucket, key, version, &change)
        .await;
    match changed {
        Ok(_) => Ok(S3Response::new(PutObjectLegalHoldOutput::default())),
        Err(error) => Err(s3.unread(&caller, bucket, error).await),
    }
}
