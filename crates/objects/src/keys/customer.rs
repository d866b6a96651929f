//! Keys that callers bring with every request and that are never kept (Amazon S3, "Using
//! server-side encryption with customer-provided keys"). Such a key wraps the data key of an object
//! as a master key of the ring does for others; only its MD5 stays, to tell it apart.

use super::envelope::{Envelope, Material};
use crate::checksum::{Algorithm, ContentName, Hashers, decode, encode};
use crate::error::Error;
use crate::record::Sealed;
use contracts::world::World;
use std::collections::BTreeSet;

/// What stands for the key's id in envelopes.
const ID: &str = "customer";
/// Context of wrapped data keys.
const DATA_KEY: &[u8] = b"tradewind object data key of a customer 1";

/// A key that a caller brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerKey {
    material: Material,
    md5: String,
}

/// What is wrong with a key that a caller brought, or did not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerKeyMistake {
    /// The object is encrypted with a key that is not kept here.
    #[error("the object is encrypted with a key that its owner must bring with each request")]
    Missing,
    /// It is encrypted with another key.
    #[error("the object is encrypted with another key than the one that was brought")]
    Wrong,
    /// It is not encrypted with a key that callers bring.
    #[error("the object is not encrypted with a key that callers bring")]
    Unneeded,
}

impl CustomerKey {
    /// A key of 32 bytes; `None` for another length.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let material = Material::read(bytes)?;
        let mut md5 = Hashers::new(&BTreeSet::new(), &ContentName::Unneeded);
        md5.update(bytes);
        let md5 = md5.finish().base64(Algorithm::Md5)?;
        Some(Self { material, md5 })
    }

    /// MD5 of the key in base64, by which requests name it.
    pub fn md5(&self) -> &str {
        &self.md5
    }

    /// Wraps a data key.
    pub(crate) fn wrap(&self, world: &World, data: &Material) -> Result<String, Error> {
        let wrapped = Envelope::seal(world, ID, 0, &self.material, data.bytes(), DATA_KEY)?;
        Ok(encode(&wrapped))
    }

    /// Unwraps the data key of an object that was written with this key.
    pub(crate) fn unwrap(&self, sealed: &Sealed) -> Result<Material, Error> {
        if sealed.customer.as_ref() != Some(&self.md5) {
            return Err(CustomerKeyMistake::Wrong.into());
        }
        let damaged = || Error::Key {
            key: ID.to_owned(),
            reason: "does not fit the object's wrapped data key".to_owned(),
        };
        let wrapped = decode(&sealed.wrapped).ok_or_else(damaged)?;
        let plain = Envelope::parse(&wrapped)?.open(&self.material, DATA_KEY)?;
        Material::read(&plain).ok_or_else(damaged)
    }
}
