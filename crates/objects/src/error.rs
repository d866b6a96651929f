//! What can go wrong with buckets and objects, in enough detail for a foreign API to answer with
//! the very code that its own service would have used.

use crate::checksum::Algorithm;
use crate::keys::CustomerKeyMistake;
use contracts::objects::ObjectError;
use contracts::store::StoreError;
use domain::Timestamp;
use std::io;

/// An error of the embedded object store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such bucket.
    #[error("bucket `{0}` was not found")]
    NoSuchBucket(String),
    /// The bucket is there already.
    #[error("bucket `{0}` exists already")]
    BucketExists(String),
    /// A bucket with objects or unfinished uploads in it cannot be deleted.
    #[error("bucket `{bucket}` is not empty: it still has {what}; delete that first")]
    BucketNotEmpty {
        /// Bucket.
        bucket: String,
        /// What it has.
        what: &'static str,
    },
    /// No such object.
    #[error("object `{key}` was not found in bucket `{bucket}`")]
    NoSuchObject {
        /// Bucket.
        bucket: String,
        /// Key.
        key: String,
    },
    /// The object exists but not in this version.
    #[error("object `{key}` in bucket `{bucket}` has no version `{version}`")]
    NoSuchVersion {
        /// Bucket.
        bucket: String,
        /// Key.
        key: String,
        /// Version.
        version: String,
    },
    /// What was asked for is a delete marker.
    #[error("version `{version}` of object `{key}` in bucket `{bucket}` is a delete marker")]
    DeleteMarker {
        /// Bucket.
        bucket: String,
        /// Key.
        key: String,
        /// Its version id.
        version: String,
        /// When it was made.
        modified: Timestamp,
        /// Whether the caller named the version; a plain read of a deleted object is "not found"
        /// towards most callers.
        named: Named,
    },
    /// No such multipart upload: never begun, completed or aborted.
    #[error("upload `{0}` was not found: it was never begun, or is completed or aborted")]
    NoSuchUpload(String),
    /// A bucket name or a key breaks a rule.
    #[error("`{name}` is not a valid {what}: {reason}")]
    InvalidName {
        /// `bucket name` or `key`.
        what: &'static str,
        /// The text, shortened.
        name: String,
        /// The rule.
        reason: &'static str,
    },
    /// An argument is wrong.
    #[error("{0}")]
    Invalid(String),
    /// A range that the object does not have.
    #[error("the range cannot be satisfied: the object has {bytes} bytes")]
    InvalidRange {
        /// Length of the object in bytes.
        bytes: u64,
    },
    /// A part of a completed upload is missing or is not the one that was uploaded.
    #[error("part {number} of the upload {reason}")]
    InvalidPart {
        /// Part number.
        number: u32,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Parts must be listed by ascending number.
    #[error("part {0} is out of order: list the parts by ascending number")]
    InvalidPartOrder(u32),
    /// Every part but the last has a least size.
    #[error("part {number} has {bytes} bytes; every part but the last needs at least {least}")]
    PartTooSmall {
        /// Part number.
        number: u32,
        /// Its length.
        bytes: u64,
        /// Least length.
        least: u64,
    },
    /// The object would be longer than an object may be.
    #[error("the object is longer than {most} bytes, the most that one may have")]
    TooLarge {
        /// Most bytes.
        most: u64,
    },
    /// The bytes are not those that the caller promised.
    #[error("the {algorithm} of the bytes is `{actual}`, not the expected `{expected}`")]
    BadDigest {
        /// Which checksum.
        algorithm: Algorithm,
        /// What the caller sent.
        expected: String,
        /// What the bytes have.
        actual: String,
    },
    /// The version is retained or held.
    #[error("version `{version}` of `{key}` is locked and cannot be removed or let go")]
    Locked {
        /// Key.
        key: String,
        /// Version.
        version: String,
    },
    /// A lock in a bucket whose versions cannot be locked.
    #[error("versions in the bucket `{0}` cannot be locked: it was made without that")]
    Unlockable(String),
    /// A condition of the request does not hold.
    #[error("the precondition `{condition}` on `{key}` does not hold")]
    PreconditionFailed {
        /// Name of the header, such as `If-Match`.
        condition: &'static str,
        /// Key.
        key: String,
    },
    /// The caller has the present bytes already.
    #[error("the object has not been modified")]
    NotModified {
        /// Entity tag.
        etag: String,
        /// When it was written.
        modified: Timestamp,
    },
    /// Too many others changed the same thing at the same moment.
    #[error("`{0}` is being changed by too many at once; try again")]
    Contended(String),
    /// The body ended before its announced end.
    #[error("the body ended early: {0}")]
    Incomplete(String),
    /// The disk is full or may not be written.
    #[error("{message}; free some space or make the data directory writable")]
    Full {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: Option<io::Error>,
    },
    /// Stored bytes are not what was written; none of the wrong ones were given out.
    #[error("the stored bytes of `{bucket}/{key}` are damaged: {reason}")]
    Damaged {
        /// Bucket.
        bucket: String,
        /// Key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// An encryption key that is unknown, disabled or does not fit.
    #[error("encryption key `{key}` {reason}")]
    Key {
        /// Key id as the caller gave it.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A key that a caller must bring with each request.
    #[error(transparent)]
    CustomerKey(#[from] CustomerKeyMistake),
    /// An input that cannot be staged for a job.
    #[error("`{location}` cannot be staged: {reason}")]
    Unstageable {
        /// Where.
        location: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The machine failed.
    #[error("{message}")]
    Io {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The metadata store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The body's source failed with an error of its own.
    #[error(transparent)]
    Body(ObjectError),
}

/// Whether a caller named a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The version was named.
    Version,
    /// The present state was asked for.
    Current,
}

impl Error {
    /// Wraps an error of the file system, telling a full or read-only disk apart.
    pub(crate) fn io(message: impl Into<String>, source: io::Error) -> Self {
        let message = message.into();
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::ReadOnlyFilesystem => Self::Full {
                message: format!("{message}: {source}"),
                source: Some(source),
            },
            _ => Self::Io {
                message: format!("{message}: {source}"),
                source,
            },
        }
    }

    /// A blocking task that was cancelled or panicked.
    pub(crate) fn task(error: tokio::task::JoinError) -> Self {
        Self::Io {
            message: "a file operation was cut short".to_owned(),
            source: io::Error::other(error),
        }
    }

    pub(crate) fn no_such_object(bucket: &str, key: &str) -> Self {
        Self::NoSuchObject {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Whether a row was changed by somebody else in the meantime.
    pub(crate) fn is_stale(&self) -> bool {
        matches!(self, Self::Store(StoreError::Stale(_)))
    }
}

impl From<ObjectError> for Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Incomplete(text) => Self::Incomplete(text),
            other => Self::Body(other),
        }
    }
}

impl From<Error> for ObjectError {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NoSuchBucket(bucket) => Self::NoSuchBucket(bucket),
            Error::NoSuchObject { bucket, key }
            | Error::NoSuchVersion { bucket, key, .. }
            | Error::DeleteMarker { bucket, key, .. } => Self::NoSuchObject { bucket, key },
            Error::PreconditionFailed { key, .. } => Self::PreconditionFailed(key),
            Error::Full { .. } | Error::Store(StoreError::Full(_)) => Self::Full(text),
            Error::Incomplete(reason) => Self::Incomplete(reason),
            Error::Body(error) => error,
            Error::BucketExists(_)
            | Error::BucketNotEmpty { .. }
            | Error::NoSuchUpload(_)
            | Error::InvalidName { .. }
            | Error::Invalid(_)
            | Error::InvalidRange { .. }
            | Error::InvalidPart { .. }
            | Error::InvalidPartOrder(_)
            | Error::PartTooSmall { .. }
            | Error::TooLarge { .. }
            | Error::BadDigest { .. }
            | Error::NotModified { .. }
            | Error::Locked { .. }
            | Error::Unlockable(_)
            | Error::Key { .. }
            | Error::CustomerKey(_)
            | Error::Unstageable { .. } => Self::Invalid(text),
            Error::Contended(_) | Error::Damaged { .. } | Error::Io { .. } | Error::Store(_) => {
                Self::Failed {
                    message: text,
                    source: Some(Box::new(error)),
                }
            }
        }
    }
}
