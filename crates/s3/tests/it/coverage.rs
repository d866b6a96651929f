//! The coverage table against the trait that the protocol crate has.

use std::collections::BTreeSet;
use tradewind_s3::{Coverage, coverage};

/// Names of the operations that `s3s` routes, by asking for each one that the table lists; and
/// that the table has no name that it does not know.
#[test]
fn the_table_is_complete() {
    let all = coverage();
    let names: BTreeSet<&str> = all.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), all.len(), "an operation is listed twice");
    let known: BTreeSet<&str> = KNOWN.split_whitespace().collect();
    assert_eq!(names, known);
    assert!(all.iter().all(|(_, what)| match what {
        Coverage::Served => true,
        Coverage::Refused(why) => why.len() > 10,
    }));
}

/// Methods of `s3s::S3` in version 0.14, as operations.
const KNOWN: &str = "
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket
    CreateBucketMetadataTableConfiguration CreateMultipartUpload CreateSession DeleteBucket
    DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption
    DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration
    DeleteBucketLifecycle DeleteBucketMetadataTableConfiguration
    DeleteBucketMetricsConfiguration DeleteBucketOwnershipControls DeleteBucketPolicy
    DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeleteObject
    DeleteObjectTagging DeleteObjects DeletePublicAccessBlock GetBucketAccelerateConfiguration
    GetBucketAcl GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption
    GetBucketIntelligentTieringConfiguration GetBucketInventoryConfiguration
    GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging
    GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration
    GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy
    GetBucketPolicyStatus GetBucketReplication GetBucketRequestPayment GetBucketTagging
    GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl GetObjectAttributes
    GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention GetObjectTagging
    GetObjectTorrent GetPublicAccessBlock HeadBucket HeadObject
    ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations
    ListBucketInventoryConfigurations ListBucketMetricsConfigurations ListBuckets
    ListDirectoryBuckets ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2
    ListParts PostObject PutBucketAccelerateConfiguration PutBucketAcl
    PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption
    PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration
    PutBucketLifecycleConfiguration PutBucketLogging PutBucketMetricsConfiguration
    PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy
    PutBucketReplication PutBucketRequestPayment PutBucketTagging PutBucketVersioning
    PutBucketWebsite PutObject PutObjectAcl PutObjectLegalHold PutObjectLockConfiguration
    PutObjectRetention PutObjectTagging PutPublicAccessBlock RestoreObject SelectObjectContent
    UploadPart UploadPartCopy WriteGetObjectResponse
";
