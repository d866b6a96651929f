//! One operation a file, each with one function `handle`: read the typed request, call the store
//! once, fill the typed answer. The list below is what is served; `coverage.rs` says why the rest
//! is not.

mod support;

pub(crate) use support::{ENCRYPTION, POLICY, S3, blocks_public_access};

use s3s::{S3Request, S3Response, S3Result, dto};

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
    delete_object: "DeleteObject", DeleteObjectInput => DeleteObjectOutput;
    delete_objects: "DeleteObjects", DeleteObjectsInput => DeleteObjectsOutput;
    delete_object_tagging: "DeleteObjectTagging", DeleteObjectTaggingInput => DeleteObjectTaggingOutput;
    get_bucket_location: "GetBucketLocation", GetBucketLocationInput => GetBucketLocationOutput;
    get_object: "GetObject", GetObjectInput => GetObjectOutput;
    get_object_attributes: "GetObjectAttributes", GetObjectAttributesInput => GetObjectAttributesOutput;
    get_object_tagging: "GetObjectTagging", GetObjectTaggingInput => GetObjectTaggingOutput;
    head_bucket: "HeadBucket", HeadBucketInput => HeadBucketOutput;
    head_object: "HeadObject", HeadObjectInput => HeadObjectOutput;
    list_buckets: "ListBuckets", ListBucketsInput => ListBucketsOutput;
    list_multipart_uploads: "ListMultipartUploads", ListMultipartUploadsInput => ListMultipartUploadsOutput;
    list_object_versions: "ListObjectVersions", ListObjectVersionsInput => ListObjectVersionsOutput;
    list_objects: "ListObjects", ListObjectsInput => ListObjectsOutput;
    list_objects_v2: "ListObjectsV2", ListObjectsV2Input => ListObjectsV2Output;
    list_parts: "ListParts", ListPartsInput => ListPartsOutput;
    put_object: "PutObject", PutObjectInput => PutObjectOutput;
    put_object_tagging: "PutObjectTagging", PutObjectTaggingInput => PutObjectTaggingOutput;
    upload_part: "UploadPart", UploadPartInput => UploadPartOutput;
    upload_part_copy: "UploadPartCopy", UploadPartCopyInput => UploadPartCopyOutput;
}
