//! What is kept in the metadata store of a bucket, an object, an upload and a part, as JSON.

mod upload;

pub(crate) use upload::Awaiting;
pub use upload::{Part, Upload};

use crate::checksum::{Blocks, Checksums, Scope, decode, encode};
use crate::error::Error;
use crate::keys::{CustomerKey, CustomerKeyMistake};
use crate::lifecycle::Rule;
use crate::lock::{BucketLock, Lock};
use bytes::Bytes;
use contracts::objects::ObjectHead;
use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version id of objects in buckets without versions.
pub const NULL_VERSION: &str = "null";

/// Whether a bucket keeps earlier versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versioning {
    /// Never had versions: a write replaces.
    #[default]
    Off,
    /// Every write makes a version, a delete makes a marker.
    Enabled,
    /// Earlier versions stay; writes replace the version `null`.
    Suspended,
}

/// With which key new objects of a bucket are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// A key of the local key ring, by id or alias; unset for the ring's default key.
    pub key: Option<String>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// What can be changed of it.
    pub settings: BucketSettings,
    /// Set while it is being deleted: nothing can be written any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleting: Option<Timestamp>,
}

/// How long a deletion keeps a bucket from being used; one that takes longer gives up, and one
/// that crashed is forgotten.
pub(crate) const DELETION: Span = Span::minutes(1);

impl Bucket {
    /// Whether somebody is deleting it at this moment.
    pub(crate) fn is_deleting(&self, now: Timestamp) -> bool {
        self.deleting
            .is_some_and(|since| now.since(since) < DELETION)
    }
}

/// What can be changed of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketSettings {
    /// The region it is bound to; residency rules look at it.
    pub region: Option<String>,
    /// Versions.
    pub versioning: Versioning,
    /// Encryption of new objects.
    pub encryption: Option<Encryption>,
    /// Rules by which objects expire.
    pub lifecycle: Vec<Rule>,
    /// Labels.
    pub tags: BTreeMap<String, String>,
    /// Set where versions can be locked; such a bucket keeps its versions for good.
    pub lock: Option<BucketLock>,
    /// Documents of foreign APIs that are kept to the letter: `policy`, `cors`, …
    pub documents: BTreeMap<String, String>,
}

/// HTTP headers that are stored with an object and come back with it (RFC 9110).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContentHeaders {
    /// `Content-Type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// `Content-Disposition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// `Cache-Control`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// `Expires`, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// How an object is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Id of the key of the ring that wraps the data key.
    pub key: String,
    /// The wrapped data key.
    pub(crate) wrapped: String,
    /// Whether the key was named, by whoever wrote the object or by its bucket; else it is the
    /// ring's default one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_named: bool,
    /// MD5 in base64 of the key that wraps the data key, when whoever wrote the object brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

/// Where the bytes of an object are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// Random id of the content: name of its file, and of copies made of it for staging.
    pub(crate) id: String,
    /// The bytes themselves in base64 when they are few; else they are in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inline: Option<String>,
    /// Checksums of the plain bytes' blocks; unset for sealed ones, which check themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blocks: Option<Blocks>,
    /// Encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealed: Option<Sealed>,
}

impl Content {
    /// The id when the bytes are in a file.
    pub(crate) fn file(&self) -> Option<&str> {
        self.inline.is_none().then_some(self.id.as_str())
    }

    /// The bytes that are kept in the row; `None` when the text is unreadable.
    pub(crate) fn decode_inline(text: &str) -> Option<Bytes> {
        decode(text).map(Bytes::from)
    }

    pub(crate) fn encode_inline(bytes: &[u8]) -> String {
        encode(bytes)
    }
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Bucket; not stored, it stands in the row's id.
    #[serde(skip)]
    pub bucket: String,
    /// Key; not stored, it stands in the row's id.
    #[serde(skip)]
    pub key: String,
    /// Version id.
    pub version: String,
    /// Counts the versions of the key, about in milliseconds; the newest has the greatest.
    pub(crate) order: i64,
    /// Length in bytes.
    pub bytes: u64,
    /// Entity tag without quotes.
    pub etag: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Further checksums that the caller sent or asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checksums: Checksums,
    /// What [`Object::checksums`] are over.
    #[serde(default)]
    pub checksum_scope: Scope,
    /// Headers.
    #[serde(flatten)]
    pub headers: ContentHeaders,
    /// The caller's own metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Facts that a foreign API wants back to the letter (storage class, owner).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
    /// What keeps it from being removed.
    #[serde(default, skip_serializing_if = "Lock::is_none")]
    pub lock: Lock,
    /// Lengths of the parts of a multipart upload, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<u64>,
    /// Id of the multipart upload that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// When it was written.
    pub modified: Timestamp,
    /// Where the bytes are; `None` for a delete marker.
    pub(crate) content: Option<Content>,
}

impl Object {
    /// One without bytes and description, which as it stands is a delete marker.
    pub(crate) fn blank(bucket: &str, key: &str, modified: Timestamp) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: String::new(),
            order: 0,
            bytes: 0,
            etag: String::new(),
            sha256: String::new(),
            checksums: Checksums::new(),
            checksum_scope: Scope::Full,
            headers: ContentHeaders::default(),
            metadata: BTreeMap::new(),
            tags: BTreeMap::new(),
            extra: BTreeMap::new(),
            lock: Lock::default(),
            parts: Vec::new(),
            upload: None,
            modified,
            content: None,
        }
    }

    /// Whether this version says that the object was deleted.
    pub fn is_delete_marker(&self) -> bool {
        self.content.is_none()
    }

    /// How it is encrypted, if it is.
    pub fn sealed(&self) -> Option<&Sealed> {
        self.content.as_ref().and_then(|c| c.sealed.as_ref())
    }

    /// Checks the key that a caller brought for reading it, or that none is needed.
    ///
    /// # Errors
    /// [`CustomerKeyMistake`](crate::CustomerKeyMistake) when it is missing, wrong or not needed.
    pub fn opens_with(&self, customer: Option<&CustomerKey>) -> Result<(), Error> {
        let wanted = self.sealed().and_then(|sealed| sealed.customer.as_deref());
        mistake(wanted, customer)
    }

    /// The neutral form.
    pub fn head(&self) -> ObjectHead {
        ObjectHead {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            version: self.version.clone(),
            bytes: self.bytes,
            etag: self.etag.clone(),
            sha256: self.sha256.clone(),
            content_type: self.headers.content_type.clone(),
            metadata: self.metadata.clone(),
            modified: self.modified,
        }
    }
}

/// What describes an object besides its bytes; given with a write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Description {
    /// Headers.
    #[serde(flatten)]
    pub headers: ContentHeaders,
    /// The caller's own metadata.
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Facts that a foreign API wants back to the letter.
    pub extra: BTreeMap<String, String>,
    /// What keeps the version from being removed, in a bucket whose versions can be locked.
    pub lock: Lock,
}

/// Whether the key that was brought is the wanted one, by its MD5.
fn mistake(wanted: Option<&str>, customer: Option<&CustomerKey>) -> Result<(), Error> {
    match (wanted, customer.map(CustomerKey::md5)) {
        (None, None) => Ok(()),
        (Some(wanted), Some(given)) if wanted == given => Ok(()),
        (Some(_), Some(_)) => Err(CustomerKeyMistake::Wrong.into()),
        (Some(_), None) => Err(CustomerKeyMistake::Missing.into()),
        (None, Some(_)) => Err(CustomerKeyMistake::Unneeded.into()),
    }
}
