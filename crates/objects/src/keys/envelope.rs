//! AES-256-GCM over short texts, with the key's id and version beside the ciphertext.

use crate::error::Error;
use contracts::world::World;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;

/// 256 bits of key material, which cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Material([u8; 32]);

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material(…)")
    }
}

impl Material {
    pub(crate) fn fresh(world: &World) -> Self {
        let mut bytes = [0_u8; 32];
        world.entropy.fill(&mut bytes);
        Self(bytes)
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn cipher(&self) -> Result<LessSafeKey, Error> {
        UnboundKey::new(&AES_256_GCM, &self.0)
            .map(LessSafeKey::new)
            .map_err(|_| unfit("?"))
    }
}

/// A ciphertext with what is needed to open it.
pub(crate) struct Envelope {
    pub(crate) key: String,
    pub(crate) version: u32,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

/// First byte of the form below.
const FORM: u8 = 1;

impl Envelope {
    /// Form 1: `1`, length of the id, id, version (4 bytes), nonce (12 bytes), ciphertext and tag.
    pub(crate) fn seal(
        world: &World,
        key: &str,
        version: u32,
        material: &Material,
        plain: &[u8],
        context: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let mut nonce = [0_u8; NONCE_LEN];
        world.entropy.fill(&mut nonce);
        let mut ciphertext = plain.to_vec();
        material
            .cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound(key, version, context)),
                &mut ciphertext,
            )
            .map_err(|_| unfit(key))?;
        let length = u8::try_from(key.len()).map_err(|_| unfit(key))?;
        let mut all = vec![FORM, length];
        all.extend_from_slice(key.as_bytes());
        all.extend_from_slice(&version.to_be_bytes());
        all.extend_from_slice(&nonce);
        all.extend_from_slice(&ciphertext);
        Ok(all)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes).ok_or_else(|| {
            Error::Invalid("the ciphertext is not one that this key ring made".to_owned())
        })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&form, rest) = bytes.split_first()?;
        let (&length, rest) = rest.split_first()?;
        let (key, rest) = rest.split_at_checked(usize::from(length))?;
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        (form == FORM).then_some(())?;
        Some(Self {
            key: String::from_utf8(key.to_vec()).ok()?,
            version: u32::from_be_bytes(*version),
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }

    pub(crate) fn open(&self, material: &Material, context: &[u8]) -> Result<Vec<u8>, Error> {
        let mut text = self.ciphertext.clone();
        let plain = material
            .cipher()?
            .open_in_place(
                Nonce::assume_unique_for_key(self.nonce),
                Aad::from(bound(&self.key, self.version, context)),
                &mut text,
            )
            .map_err(|_| unfit(&self.key))?;
        Ok(plain.to_vec())
    }
}

fn bound(key: &str, version: u32, context: &[u8]) -> Vec<u8> {
    let mut all = key.as_bytes().to_vec();
    all.push(0);
    all.extend_from_slice(&version.to_be_bytes());
    all.extend_from_slice(context);
    all
}

fn unfit(key: &str) -> Error {
    Error::Key {
        key: key.to_owned(),
        reason: "does not fit: the ciphertext or its context was changed".to_owned(),
    }
}
