//! What is kept of uploads in parts, as JSON.

use super::{Content, Description, Encryption, mistake};
use crate::checksum::{Checksums, Scope};
use crate::error::Error;
use crate::keys::CustomerKey;
use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// A multipart upload that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// Bucket.
    pub bucket: String,
    /// Key.
    pub key: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// What the object will be described by.
    pub description: Description,
    /// Checksum that every part has and the object will have.
    pub algorithm: Option<crate::checksum::Algorithm>,
    /// What the object's checksum will be over.
    pub checksum_scope: Scope,
    /// Encryption that was asked for.
    pub encryption: Option<Encryption>,
    /// The object's data key, when whoever began the upload brought a key for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) customer: Option<Awaiting>,
    /// Set once it is completed or aborted and only has to be cleared away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) closed: Option<Timestamp>,
}

impl Upload {
    /// Checks the key that a caller brought with a part, or that none is needed.
    pub(crate) fn takes(&self, customer: Option<&CustomerKey>) -> Result<(), Error> {
        let wanted = self.customer.as_ref().map(|awaiting| awaiting.md5.as_str());
        mistake(wanted, customer)
    }

    /// MD5 in base64 of the key that the object will be encrypted with, when that was brought.
    pub fn customer_md5(&self) -> Option<&str> {
        self.customer.as_ref().map(|awaiting| awaiting.md5.as_str())
    }
}

/// The data key of an object that is to be encrypted with a customer's key, who need not bring it
/// again when the upload is completed. With the upload it is forgotten; the object then keeps it as
/// the customer's key wraps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Awaiting {
    /// MD5 of the customer's key in base64.
    pub(crate) md5: String,
    /// As the customer's key wraps it.
    pub(crate) wrapped: String,
    /// As the ring's default key wraps it.
    pub(crate) kept: String,
}

/// An uploaded part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, 1 to 10,000.
    pub number: u32,
    /// Length in bytes.
    pub bytes: u64,
    /// MD5 in hexadecimal.
    pub etag: String,
    /// Checksums that the caller sent or the upload asks for.
    pub checksums: Checksums,
    /// When it was written.
    pub modified: Timestamp,
    /// Where the bytes are.
    pub(crate) content: Content,
}
