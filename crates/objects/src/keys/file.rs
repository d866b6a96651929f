//! The file of the key ring: JSON, mode 0600, replaced as a whole.

use super::envelope::Material;
use crate::checksum::{decode, encode};
use crate::error::Error;
use contracts::world::World;
use domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Alias of the key that is used when none is named.
pub(crate) const DEFAULT_ALIAS: &str = "alias/tradewind";

/// What may be done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// Everything.
    #[default]
    Enabled,
    /// Nothing until it is enabled again.
    Disabled,
    /// Nothing; it is removed at its time.
    PendingDeletion {
        /// When.
        at: Timestamp,
    },
}

/// A key as callers see it: never its material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, a UUID.
    pub id: String,
    /// Names that point at it, `alias/…`.
    pub aliases: Vec<String>,
    /// What it is for.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// What may be done with it.
    pub state: KeyState,
    /// How often it was rotated.
    pub rotations: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    description: String,
    created: Timestamp,
    pub(crate) state: KeyState,
    pub(crate) materials: Vec<Material>,
    #[serde(skip)]
    aliases: Vec<String>,
}

impl Entry {
    pub(crate) fn new(world: &World, description: &str) -> Self {
        let mut bytes = [0_u8; 16];
        world.entropy.fill(&mut bytes);
        // The form of a UUID of version 4 (RFC 9562), as key ids of KMS have.
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = crate::checksum::hex(&bytes);
        Self {
            id: format!(
                "{}-{}-{}-{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..]
            ),
            description: description.to_owned(),
            created: world.now(),
            state: KeyState::Enabled,
            materials: vec![Material::fresh(world)],
            aliases: Vec::new(),
        }
    }

    pub(crate) fn public(&self) -> Key {
        Key {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            description: self.description.clone(),
            created: self.created,
            state: self.state,
            rotations: u32::try_from(self.materials.len().saturating_sub(1)).unwrap_or(u32::MAX),
        }
    }
}

/// All keys and aliases.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ring {
    keys: Vec<Entry>,
    aliases: BTreeMap<String, String>,
}

impl Ring {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let mode = match fs::metadata(path) {
            Ok(metadata) => metadata.permissions().mode(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed("read", path, error)),
        };
        if mode & 0o077 != 0 {
            return Err(Error::Invalid(format!(
                "the key ring `{}` can be read by others than its owner; run `chmod 600` on it",
                path.display()
            )));
        }
        let text = fs::read(path).map_err(|error| failed("read", path, error))?;
        let mut ring: Self = serde_json::from_slice(&text)
            .map_err(|error| failed("read", path, io::Error::other(error)))?;
        ring.place_aliases();
        Ok(ring)
    }

    pub(crate) fn save(&mut self, path: &Path) -> Result<(), Error> {
        self.place_aliases();
        let text = serde_json::to_vec(self)
            .map_err(|error| failed("write", path, io::Error::other(error)))?;
        let fresh = path.with_extension("new");
        let write = || -> io::Result<()> {
            let _ = fs::remove_file(&fresh);
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&fresh, path)?;
            crate::blob::sync_folder(path.parent().unwrap_or(Path::new("/")))
        };
        write().map_err(|error| failed("write", path, error))
    }

    fn place_aliases(&mut self) {
        for entry in &mut self.keys {
            entry.aliases = self
                .aliases
                .iter()
                .filter(|(_, id)| **id == entry.id)
                .map(|(alias, _)| alias.clone())
                .collect();
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.keys.iter().map(Entry::public)
    }

    fn position(&self, name: &str) -> Result<usize, Error> {
        // `arn:aws:kms:region:account:key/id` or `…:alias/name`.
        let name = if name.starts_with("arn:") {
            let resource = name.splitn(6, ':').nth(5).unwrap_or_default();
            resource.strip_prefix("key/").unwrap_or(resource)
        } else {
            name
        };
        let id = self.aliases.get(name).map_or(name, String::as_str);
        self.keys
            .iter()
            .position(|entry| entry.id == id)
            .ok_or_else(|| Error::Key {
                key: name.chars().take(100).collect(),
                reason: "is not in the key ring".to_owned(),
            })
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Entry, Error> {
        self.position(name).map(|at| &self.keys[at])
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Result<&mut Entry, Error> {
        self.position(name).map(|at| &mut self.keys[at])
    }

    pub(crate) fn add(&mut self, entry: Entry) {
        self.keys.push(entry);
    }

    pub(crate) fn set_alias(&mut self, alias: &str, key: &str) -> Result<(), Error> {
        let rest = alias.strip_prefix("alias/").unwrap_or_default();
        if rest.is_empty()
            || alias.len() > 256
            || !rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-'))
        {
            return Err(Error::InvalidName {
                what: "alias",
                name: alias.chars().take(100).collect(),
                reason: "it is `alias/` and letters, digits, `/`, `_` or `-`",
            });
        }
        let id = self.get(key)?.id.clone();
        self.aliases.insert(alias.to_owned(), id);
        Ok(())
    }

    pub(crate) fn remove_alias(&mut self, alias: &str) -> Result<(), Error> {
        self.aliases
            .remove(alias)
            .map(|_| ())
            .ok_or_else(|| Error::Key {
                key: alias.chars().take(100).collect(),
                reason: "is not an alias of the key ring".to_owned(),
            })
    }

    fn usable(&self, name: &str) -> Result<&Entry, Error> {
        let entry = self.get(name)?;
        match entry.state {
            KeyState::Enabled => Ok(entry),
            KeyState::Disabled => Err(unusable(entry, "is disabled")),
            KeyState::PendingDeletion { .. } => Err(unusable(entry, "is about to be deleted")),
        }
    }

    pub(crate) fn for_encryption(&self, name: &str) -> Result<(String, u32, Material), Error> {
        let entry = self.usable(name)?;
        let version = entry.materials.len().saturating_sub(1);
        let material = entry
            .materials
            .last()
            .ok_or_else(|| unusable(entry, "has no material"))?;
        Ok((entry.id.clone(), version as u32, material.clone()))
    }

    pub(crate) fn for_decryption(&self, id: &str, version: u32) -> Result<Material, Error> {
        let entry = self.usable(id)?;
        entry
            .materials
            .get(version as usize)
            .cloned()
            .ok_or_else(|| unusable(entry, "has no such version"))
    }
}

fn unusable(entry: &Entry, reason: &str) -> Error {
    Error::Key {
        key: entry.id.clone(),
        reason: reason.to_owned(),
    }
}

fn failed(verb: &str, path: &Path, error: io::Error) -> Error {
    Error::io(
        format!("cannot {verb} the key ring `{}`", path.display()),
        error,
    )
}

/// What changes when the file is replaced: its inode, and when that was last changed.
pub(crate) type Stamp = (u64, i64, i64);

/// The stamp of the file; `None` when there is none.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
}

/// Holds the ring's lock file until the answer is dropped.
pub(crate) fn hold(path: &Path) -> Result<File, Error> {
    let lock = path.with_extension("lock");
    let held = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&lock)
        .and_then(|file| file.lock().map(|()| file));
    held.map_err(|error| failed("lock", &lock, error))
}

impl Serialize for Material {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(self.bytes()))
    }
}

impl<'de> Deserialize<'de> for Material {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode(&text)
            .and_then(|bytes| Self::read(&bytes))
            .ok_or_else(|| serde::de::Error::custom("key material must be 32 bytes in base64"))
    }
}
