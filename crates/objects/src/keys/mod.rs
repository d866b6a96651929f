//! The local key ring: master keys in one file that only its owner may read, and what is done
//! with them. Objects are encrypted with a data key of their own which a master key wraps, so a
//! master key never touches bulk data and can be rotated without rewriting objects.
//!
//! Keys have ids, aliases, versions and a state as in AWS KMS, so that its dialect can serve them.

mod customer;
mod envelope;
mod file;

pub use customer::{CustomerKey, CustomerKeyMistake};
pub use file::{Key, KeyState};

use crate::error::Error;
use contracts::world::World;
use envelope::Envelope;
pub(crate) use envelope::Material;
use file::Ring;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A data key: random, used for one object.
pub(crate) struct DataKey {
    pub(crate) material: Material,
    pub(crate) wrapped: String,
    pub(crate) key: String,
    pub(crate) is_named: bool,
    /// MD5 of the key that wraps it, when a caller brought that.
    pub(crate) customer: Option<String>,
}

/// The local key ring. All methods block on a small file at most.
pub struct KeyRing {
    path: PathBuf,
    world: World,
    ring: Mutex<Loaded>,
}

/// The ring as it was read last.
struct Loaded {
    stamp: Option<file::Stamp>,
    ring: Ring,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Opens the ring; the file is made with its first key when one is first needed.
    pub fn open(path: &Path, world: World) -> Result<Self, Error> {
        let stamp = file::stamp(path);
        let ring = Ring::load(path)?;
        Ok(Self {
            path: path.to_owned(),
            world,
            ring: Mutex::new(Loaded { stamp, ring }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Loaded> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the file under its lock, so that several servers may share it.
    fn change<T>(&self, change: impl FnOnce(&mut Ring) -> Result<T, Error>) -> Result<T, Error> {
        let mut loaded = self.lock();
        let _held = file::hold(&self.path)?;
        let mut ring = Ring::load(&self.path)?;
        let answer = change(&mut ring)?;
        ring.save(&self.path)?;
        *loaded = Loaded {
            stamp: file::stamp(&self.path),
            ring,
        };
        Ok(answer)
    }

    /// Looks into the ring, which is read again when its file was replaced.
    fn find<T>(&self, find: impl Fn(&Ring) -> Result<T, Error>) -> Result<T, Error> {
        let mut loaded = self.lock();
        let stamp = file::stamp(&self.path);
        if stamp != loaded.stamp {
            loaded.ring = Ring::load(&self.path)?;
            loaded.stamp = stamp;
        }
        find(&loaded.ring)
    }

    /// All keys, the oldest first.
    pub fn keys(&self) -> Result<Vec<Key>, Error> {
        self.find(|ring| Ok(ring.keys().collect()))
    }

    /// A key by its id, alias (`alias/name`), or ARN of either.
    pub fn get(&self, name: &str) -> Result<Key, Error> {
        self.find(|ring| ring.get(name).map(file::Entry::public))
    }

    /// Makes a key.
    pub fn create(&self, description: &str) -> Result<Key, Error> {
        let entry = file::Entry::new(&self.world, description);
        self.change(|ring| {
            ring.add(entry.clone());
            Ok(entry.public())
        })
    }

    /// Points an alias (`alias/name`) at a key, anew if it pointed elsewhere.
    pub fn set_alias(&self, alias: &str, key: &str) -> Result<(), Error> {
        self.change(|ring| ring.set_alias(alias, key))
    }

    /// Removes an alias; one that is not there is an error.
    pub fn remove_alias(&self, alias: &str) -> Result<(), Error> {
        self.change(|ring| ring.remove_alias(alias))
    }

    /// Enables, disables or plans the deletion of a key.
    pub fn set_state(&self, key: &str, state: KeyState) -> Result<Key, Error> {
        self.change(|ring| {
            let entry = ring.get_mut(key)?;
            entry.state = state;
            Ok(entry.public())
        })
    }

    /// Gives a key new material; what the old one wrapped stays readable.
    pub fn rotate(&self, key: &str) -> Result<Key, Error> {
        let material = Material::fresh(&self.world);
        self.change(|ring| {
            let entry = ring.get_mut(key)?;
            entry.materials.push(material.clone());
            Ok(entry.public())
        })
    }

    /// The key that is used when none is named; made when there is none yet.
    pub fn default_key(&self) -> Result<Key, Error> {
        if let Ok(key) = self.get(file::DEFAULT_ALIAS) {
            return Ok(key);
        }
        let entry = file::Entry::new(&self.world, "default key of the object store");
        self.change(|ring| {
            if let Ok(present) = ring.get(file::DEFAULT_ALIAS) {
                return Ok(present.public());
            }
            ring.add(entry.clone());
            ring.set_alias(file::DEFAULT_ALIAS, &entry.id)?;
            ring.get(&entry.id).map(file::Entry::public)
        })
    }

    /// Encrypts a short text (at most 4,096 bytes, as KMS) bound to a context that must be given
    /// again for decryption. Returns the key's id and the ciphertext.
    pub fn encrypt(
        &self,
        key: &str,
        plain: &[u8],
        context: &[u8],
    ) -> Result<(String, Vec<u8>), Error> {
        if plain.is_empty() || plain.len() > 4_096 {
            return Err(Error::Invalid(
                "only 1 to 4,096 bytes can be encrypted with a master key; use a data key for more"
                    .to_owned(),
            ));
        }
        let (id, version, material) = self.find(|ring| ring.for_encryption(key))?;
        let envelope = Envelope::seal(&self.world, &id, version, &material, plain, context)?;
        Ok((id, envelope))
    }

    /// Decrypts what [`KeyRing::encrypt`] made. Returns the key's id and the text.
    pub fn decrypt(&self, sealed: &[u8], context: &[u8]) -> Result<(String, Vec<u8>), Error> {
        let envelope = Envelope::parse(sealed)?;
        let material = self.find(|ring| ring.for_decryption(&envelope.key, envelope.version))?;
        let plain = envelope.open(&material, context)?;
        Ok((envelope.key, plain))
    }

    /// A fresh data key for one object, wrapped by the named or the default key.
    pub(crate) fn data_key(&self, name: Option<&str>) -> Result<DataKey, Error> {
        let is_named = name.is_some();
        let name = match name {
            Some(name) => name.to_owned(),
            None => self.default_key()?.id,
        };
        let material = Material::fresh(&self.world);
        let (key, wrapped) = self.encrypt(&name, material.bytes(), DATA_KEY)?;
        Ok(DataKey {
            material,
            wrapped: crate::checksum::encode(&wrapped),
            key,
            is_named,
            customer: None,
        })
    }

    /// A fresh data key for one object, wrapped by a key that is not of this ring.
    pub(crate) fn data_key_of(&self, customer: &CustomerKey) -> Result<DataKey, Error> {
        let material = Material::fresh(&self.world);
        let wrapped = customer.wrap(&self.world, &material)?;
        Ok(DataKey {
            material,
            wrapped,
            key: String::new(),
            is_named: false,
            customer: Some(customer.md5().to_owned()),
        })
    }

    /// A data key of a customer's key that is kept, until its object is written, wrapped by the
    /// default key as well.
    pub(crate) fn keep_data_key(&self, data: &DataKey) -> Result<String, Error> {
        let name = self.default_key()?.id;
        let (_, wrapped) = self.encrypt(&name, data.material.bytes(), DATA_KEY)?;
        Ok(crate::checksum::encode(&wrapped))
    }

    /// Unwraps an object's data key.
    pub(crate) fn unwrap(
        &self,
        sealed: &crate::record::Sealed,
        customer: Option<&CustomerKey>,
    ) -> Result<Material, Error> {
        match (&sealed.customer, customer) {
            (None, None) => {}
            (Some(_), Some(customer)) => return customer.unwrap(sealed),
            (Some(_), None) => return Err(CustomerKeyMistake::Missing.into()),
            (None, Some(_)) => return Err(CustomerKeyMistake::Unneeded.into()),
        }
        self.unwrap_own(&sealed.key, &sealed.wrapped)
    }

    /// Unwraps a data key that a key of this ring wrapped.
    pub(crate) fn unwrap_own(&self, key: &str, wrapped: &str) -> Result<Material, Error> {
        let damaged = || Error::Key {
            key: key.to_owned(),
            reason: "does not fit the object's wrapped data key".to_owned(),
        };
        let wrapped = crate::checksum::decode(wrapped).ok_or_else(damaged)?;
        let (_, plain) = self.decrypt(&wrapped, DATA_KEY)?;
        Material::read(&plain).ok_or_else(damaged)
    }
}

/// The id of the key that a ciphertext of [`KeyRing::encrypt`] names. Whether that key made it is
/// known when it is decrypted.
///
/// # Errors
/// That it is no ciphertext of a key ring.
pub fn sealed_by(sealed: &[u8]) -> Result<String, Error> {
    Envelope::parse(sealed).map(|envelope| envelope.key)
}

/// Context of wrapped data keys, so that they cannot be passed off as something else.
const DATA_KEY: &[u8] = b"tradewind object data key 1";
