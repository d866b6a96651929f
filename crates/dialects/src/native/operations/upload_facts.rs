//! A multipart upload as the API shows it, with its parts.

use domain::Timestamp;
use objects::{Part, Upload};
use schemars::JsonSchema;
use serde::Serialize;

/// A multipart upload that is under way.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UploadFacts {
    id: String,
    bucket: String,
    key: String,
    begun: Timestamp,
}

/// An uploaded part.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PartFacts {
    number: u32,
    bytes: u64,
    /// The MD5 of its bytes in hexadecimal.
    etag: String,
    modified: Timestamp,
}

/// The object that an upload is for.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Target {
    pub(super) key: String,
}

impl From<Upload> for UploadFacts {
    fn from(upload: Upload) -> Self {
        Self {
            id: upload.id,
            bucket: upload.bucket,
            key: upload.key,
            begun: upload.begun,
        }
    }
}

impl From<Part> for PartFacts {
    fn from(part: Part) -> Self {
        Self {
            number: part.number,
            bytes: part.bytes,
            etag: part.etag,
            modified: part.modified,
        }
    }
}
