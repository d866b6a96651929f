//! One operation a file, each with one function `handle`: read the typed request, call the store
//! once, fill the typed answer. The list below is what is served; `coverage.rs` says why the rest
//! is not.

mod support;

pub(crate) use support::{Bare, ENCRYPTION, POLICY, S3, blocks_public_access};

use s3s::{S3Request, S3Response, S3Result, dto};

/// The permission to end a governance before its time.
const BYPASS: &str = "s3:BypassGovernanceRetention";

/// That a version has no lock of the kind that was asked for.
fn unlocked() -> s3s::S3Error {
    s3s::s3_error!(
        NoSuchObjectLockConfiguration,
        "The specified object does not have a ObjectLock configuration"
    )
}

/// An upload by an HTML form, which `s3s` hands to `put_object` once its policy is checked.
const POST_OBJECT: &str = "PostObject";

macro_rules! operations {
    ($($name:ident: $title:literal, $input:ident => $output:ident;)*) => {
        $(
            #[allow(clippy::unused_async, reason = "all operations have one form")]
            mod $name;
        )*

        /// Names of the operations that are served.
        pub(crate) const SERVED: &[&str] = &[$($title,)* POST_OBJECT];

        #[async_trait::async_trait]
        impl s3s::S3 for S3 {
            $(
                async fn $name(
                    &self,
                    request: S3Request<dto::$input>,
                ) -> S3Result<S3Response<dto::$output>> {
                    $name::handle(self, request).await
                }
            )*
        }
    };
}

operations! {
    abort_multipart_upload: "AbortMultipartUpload", AbortMultipartUploadInput => AbortMultipartUploadOutput;
    complete_multipart_upload: "CompleteMultipartUpload", CompleteMultipartUploadInput => CompleteMultipartUploadOutput;
    copy_object: "CopyObject", CopyObjectInput => CopyObjectOutput;
    create_bucket: "CreateBucket", CreateBucketInput => CreateBucketOutput;
    create_multipart_upload: "CreateMultipartUpload", CreateMultipartUploadInput => CreateMultipartUploadOutput;
    delete_bucket: "DeleteBucket", DeleteBucketInput => DeleteBucketOutput;
    delete_bucket_cors: "DeleteBucketCors", DeleteBucketCorsInput => DeleteBucketCorsOutput;
    delete_bucket_encryption: "DeleteBucketEncryption", DeleteBucketEncryptionInput => DeleteBucketEncryptionOutput;
    delete_bucket_lifecycle: "DeleteBucketLifecycle", DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput;
    delete_bucket_policy: "DeleteBucketPolicy", DeleteBucketPolicyInput => DeleteBucketPolicyOutput;
    delete_bucket_tagging: "DeleteBucketTagging", DeleteBucketTaggingInput => DeleteBucketTaggingOutput;
    delete_object: "DeleteObject", DeleteObjectInput => DeleteObjectOutput;
    delete_object_tagging: "DeleteObjectTagging", DeleteObjectTaggingInput => DeleteObjectTaggingOutput;
    delete_objects: "DeleteObjects", DeleteObjectsInput => DeleteObjectsOutput;
    delete_public_access_block: "DeletePublicAccessBlock", DeletePublicAccessBlockInput => DeletePublicAccessBlockOutput;
    get_bucket_accelerate_configuration: "GetBucketAccelerateConfiguration", GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput;
    get_bucket_acl: "GetBucketAcl", GetBucketAclInput => GetBucketAclOutput;
    get_bucket_cors: "GetBucketCors", GetBucketCorsInput => GetBucketCorsOutput;
    get_bucket_encryption: "GetBucketEncryption", GetBucketEncryptionInput => GetBucketEncryptionOutput;
    get_bucket_lifecycle_configuration: "GetBucketLifecycleConfiguration", GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput;
    get_bucket_location: "GetBucketLocation", GetBucketLocationInput => GetBucketLocationOutput;
    get_bucket_logging: "GetBucketLogging", GetBucketLoggingInput => GetBucketLoggingOutput;
    get_bucket_notification_configuration: "GetBucketNotificationConfiguration", GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput;
    get_bucket_ownership_controls: "GetBucketOwnershipControls", GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput;
    get_bucket_policy: "GetBucketPolicy", GetBucketPolicyInput => GetBucketPolicyOutput;
    get_bucket_policy_status: "GetBucketPolicyStatus", GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput;
    get_bucket_replication: "GetBucketReplication", GetBucketReplicationInput => GetBucketReplicationOutput;
    get_bucket_request_payment: "GetBucketRequestPayment", GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput;
    get_bucket_tagging: "GetBucketTagging", GetBucketTaggingInput => GetBucketTaggingOutput;
    get_bucket_versioning: "GetBucketVersioning", GetBucketVersioningInput => GetBucketVersioningOutput;
    get_bucket_website: "GetBucketWebsite", GetBucketWebsiteInput => GetBucketWebsiteOutput;
    get_object: "GetObject", GetObjectInput => GetObjectOutput;
    get_object_acl: "GetObjectAcl", GetObjectAclInput => GetObjectAclOutput;
    get_object_attributes: "GetObjectAttributes", GetObjectAttributesInput => GetObjectAttributesOutput;
    get_object_legal_hold: "GetObjectLegalHold", GetObjectLegalHoldInput => GetObjectLegalHoldOutput;
    get_object_lock_configuration: "GetObjectLockConfiguration", GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput;
    get_object_retention: "GetObjectRetention", GetObjectRetentionInput => GetObjectRetentionOutput;
    get_object_tagging: "GetObjectTagging", GetObjectTaggingInput => GetObjectTaggingOutput;
    get_public_access_block: "GetPublicAccessBlock", GetPublicAccessBlockInput => GetPublicAccessBlockOutput;
    head_bucket: "HeadBucket", HeadBucketInput => HeadBucketOutput;
    head_object: "HeadObject", HeadObjectInput => HeadObjectOutput;
    list_buckets: "ListBuckets", ListBucketsInput => ListBucketsOutput;
    list_multipart_uploads: "ListMultipartUploads", ListMultipartUploadsInput => ListMultipartUploadsOutput;
    list_object_versions: "ListObjectVersions", ListObjectVersionsInput => ListObjectVersionsOutput;
    list_objects: "ListObjects", ListObjectsInput => ListObjectsOutput;
    list_objects_v2: "ListObjectsV2", ListObjectsV2Input => ListObjectsV2Output;
    list_parts: "ListParts", ListPartsInput => ListPartsOutput;
    put_bucket_acl: "PutBucketAcl", PutBucketAclInput => PutBucketAclOutput;
    put_bucket_cors: "PutBucketCors", PutBucketCorsInput => PutBucketCorsOutput;
    put_bucket_encryption: "PutBucketEncryption", PutBucketEncryptionInput => PutBucketEncryptionOutput;
    put_bucket_lifecycle_configuration: "PutBucketLifecycleConfiguration", PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput;
    put_bucket_notification_configuration: "PutBucketNotificationConfiguration", PutBucketNotificationConfigurationInput => PutBucketNotificationConfigurationOutput;
    put_bucket_ownership_controls: "PutBucketOwnershipControls", PutBucketOwnershipControlsInput => PutBucketOwnershipControlsOutput;
    put_bucket_policy: "PutBucketPolicy", PutBucketPolicyInput => PutBucketPolicyOutput;
    put_bucket_tagging: "PutBucketTagging", PutBucketTaggingInput => PutBucketTaggingOutput;
    put_bucket_versioning: "PutBucketVersioning", PutBucketVersioningInput => PutBucketVersioningOutput;
    put_object: "PutObject", PutObjectInput => PutObjectOutput;
    put_object_acl: "PutObjectAcl", PutObjectAclInput => PutObjectAclOutput;
    put_object_legal_hold: "PutObjectLegalHold", PutObjectLegalHoldInput => PutObjectLegalHoldOutput;
    put_object_lock_configuration: "PutObjectLockConfiguration", PutObjectLockConfigurationInput => PutObjectLockConfigurationOutput;
    put_object_retention: "PutObjectRetention", PutObjectRetentionInput => PutObjectRetentionOutput;
    put_object_tagging: "PutObjectTagging", PutObjectTaggingInput => PutObjectTaggingOutput;
    put_public_access_block: "PutPublicAccessBlock", PutPublicAccessBlockInput => PutPublicAccessBlockOutput;
    upload_part: "UploadPart", UploadPartInput => UploadPartOutput;
    upload_part_copy: "UploadPartCopy", UploadPartCopyInput => UploadPartCopyOutput;
}
