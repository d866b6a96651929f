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
    let place = (input.bucket.as_str(), input.key.as_str());
    let version = input.version_id.as_deref();
    s3.redescribe(&caller, place, version, &change).await?;
    Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
}
