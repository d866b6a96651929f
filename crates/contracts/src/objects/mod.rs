//! Buckets and objects, neutrally: what every cloud's storage has in common and the embedded
//! store provides. Dialects that offer more (tagging, policies) use the `objects` crate itself.

pub mod conformance;
pub mod memory;

use bytes::Bytes;
use domain::{Timestamp, Workspace};
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// An object without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectHead {
    /// Bucket.
    pub bucket: String,
    /// Key.
    pub key: String,
    /// Version id; `null` in buckets that never had versions.
    pub version: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Entity tag without quotes: the MD5 in hexadecimal, or for multipart uploads the MD5 of the
    /// parts' MD5s, `-` and their number, as Amazon S3 does.
    pub etag: String,
    /// SHA-256 of the bytes in hexadecimal.
    pub sha256: String,
    /// Media type.
    pub content_type: Option<String>,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// When it was written.
    pub modified: Timestamp,
}

/// What a write demands of what is there (RFC 9110 §13).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precondition {
    /// The present entity tag must be this (`If-Match`).
    pub etag_is: Option<String>,
    /// No object may be there (`If-None-Match: *`).
    pub absent: bool,
}

/// What comes with a write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PutOptions {
    /// Media type.
    pub content_type: Option<String>,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// What must be there.
    pub precondition: Precondition,
    /// SHA-256 in hexadecimal that the bytes must have.
    pub sha256: Option<String>,
    /// The key that it is encrypted with, by id or alias; unset leaves it to the bucket. A store
    /// that has no keys answers [`ObjectError::Invalid`].
    pub key: Option<String>,
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Objects in key order.
    pub objects: Vec<ObjectHead>,
    /// Prefixes up to the delimiter, in order.
    pub prefixes: Vec<String>,
    /// For the next page.
    pub next: Option<String>,
}

/// Which objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListObjects {
    /// Keys that begin so.
    pub prefix: String,
    /// Folds keys that share what comes before it.
    pub delimiter: Option<String>,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many, 1 to 1,000; 0 means 1,000.
    pub limit: u32,
}

/// What can go wrong with objects.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// No such bucket.
    #[error("bucket `{0}` was not found")]
    NoSuchBucket(String),
    /// No such object.
    #[error("object `{key}` was not found in bucket `{bucket}`")]
    NoSuchObject {
        /// Bucket.
        bucket: String,
        /// Key.
        key: String,
    },
    /// A precondition does not hold.
    #[error("the precondition on `{0}` does not hold")]
    PreconditionFailed(String),
    /// The request is wrong: a name, a range, a checksum.
    #[error("{0}")]
    Invalid(String),
    /// The disk is full or may not be written.
    #[error("{0}")]
    Full(String),
    /// The client ended its body early.
    #[error("the body ended early: {0}")]
    Incomplete(String),
    /// The machine failed.
    #[error("{message}")]
    Failed {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// The bytes of a body as they come.
pub type ByteStream = BoxStream<'static, Result<Bytes, ObjectError>>;

/// Buckets and objects.
#[async_trait::async_trait]
pub trait Objects: Send + Sync {
    /// Makes the bucket when it is not there.
    async fn ensure_bucket(&self, workspace: &Workspace, bucket: &str) -> Result<(), ObjectError>;

    /// Writes an object atomically: it is there as a whole or not at all.
    async fn put(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        body: ByteStream,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError>;

    /// The object without its bytes.
    async fn head(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<ObjectHead, ObjectError>;

    /// The bytes, all or from `range.0` up to and without `range.1`.
    async fn get(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<(ObjectHead, ByteStream), ObjectError>;

    /// A page of objects in key order.
    async fn list(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<Listing, ObjectError>;

    /// Deletes an object; one that is not there is no error.
    async fn delete(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(), ObjectError>;

    /// A file of this machine that has the object's bytes, for staging without a copy through
    /// memory. Never written to by callers; stays until the object is deleted or overwritten and
    /// a grace of an hour has passed.
    async fn file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectHead, PathBuf), ObjectError>;

    /// Takes a local file in as an object (by link when the file system can and the caller gives
    /// the file up, else by copy).
    async fn put_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        file: &std::path::Path,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError>;
}
