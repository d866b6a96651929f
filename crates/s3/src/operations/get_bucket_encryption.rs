//! `GetBucketEncryption`. Buckets have none until one is put: this store does not encrypt by
//! itself.

use super::S3;
use super::support::bare;
use crate::caller::Caller;
use crate::encryption;
use http::StatusCode;
use s3s::dto::{
    GetBucketEncryptionInput, GetBucketEncryptionOutput, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketEncryptionInput>,
) -> S3Result<S3Response<GetBucketEncryptionOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let Some(held) = &bucket.settings.encryption else {
        let mut error = s3_error!(
            ServerSideEncryptionConfigurationNotFoundError,
            "The server side encryption configuration was not found"
        );
        error.set_status_code(StatusCode::NOT_FOUND);
        return Err(error);
    };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
            kms_master_key_id: held.key.clone(),
            sse_algorithm: ServerSideEncryption::from(encryption::bucket_word(bucket)),
        }),
        bucket_key_enabled: Some(false),
    };
    Ok(bare(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration {
            rules: vec![rule],
        }),
    }))
}
