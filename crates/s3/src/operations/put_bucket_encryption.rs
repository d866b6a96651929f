//! `PutBucketEncryption`: new objects are encrypted with a key of the local key ring.

use super::{ENCRYPTION, S3};
use crate::caller::Caller;
use crate::encryption;
use s3s::dto::{PutBucketEncryptionInput, PutBucketEncryptionOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketEncryptionInput>,
) -> S3Result<S3Response<PutBucketEncryptionOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let rules = input.server_side_encryption_configuration.rules;
    let [rule] = &rules[..] else {
        return Err(s3_error!(MalformedXML));
    };
    if rule.bucket_key_enabled == Some(true) {
        return Err(s3_error!(
            NotImplemented,
            "there are no bucket keys: a local key ring is not asked over the network"
        ));
    }
    let Some(wanted) = &rule.apply_server_side_encryption_by_default else {
        return Err(s3_error!(MalformedXML));
    };
    let asked = encryption::asked(
        Some(&wanted.sse_algorithm),
        wanted.kms_master_key_id.as_deref(),
    )?;
    s3.configure(&caller, &input.bucket, |settings| {
        settings.encryption = asked.as_ref().map(|asked| asked.encryption.clone());
        let word = wanted.sse_algorithm.as_str().to_owned();
        settings.documents.insert(ENCRYPTION.to_owned(), word);
    })
    .await?;
    Ok(S3Response::new(PutBucketEncryptionOutput::default()))
}
