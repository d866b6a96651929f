//! Encryption of files in segments, so that a range can be read without the rest.
//!
//! A file is a sequence of segments of 64 KiB, each followed by its tag (AES-256-GCM, NIST SP
//! 800-38D). The data key belongs to one content only, so the segment's index is its nonce; that
//! also makes segments impossible to swap. A file that was cut shows by its length.

use crate::error::Error;
use crate::keys::Material;
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

/// Plain bytes of a segment.
pub(crate) const SEGMENT: u64 = 64 * 1024;
/// Bytes that sealing adds to a segment.
pub(crate) const TAG: u64 = 16;

/// Length of the sealed form of so many bytes.
pub(crate) fn sealed_length(bytes: u64) -> u64 {
    bytes + bytes.div_ceil(SEGMENT) * TAG
}

fn nonce(index: u64) -> Nonce {
    let mut bytes = [0_u8; NONCE_LEN];
    bytes[4..].copy_from_slice(&index.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

/// Seals a stream.
pub(crate) struct Sealer {
    cipher: LessSafeKey,
    index: u64,
    pending: Vec<u8>,
}

impl Sealer {
    pub(crate) fn new(material: &Material) -> Result<Self, Error> {
        Ok(Self {
            cipher: material.cipher()?,
            index: 0,
            pending: Vec::new(),
        })
    }

    /// Takes plain bytes; appends the segments that are full to `out`.
    pub(crate) fn update(&mut self, mut plain: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        while !plain.is_empty() {
            let room = SEGMENT as usize - self.pending.len();
            let (now, later) = plain.split_at(plain.len().min(room));
            self.pending.extend_from_slice(now);
            plain = later;
            if self.pending.len() == SEGMENT as usize {
                self.close(out)?;
            }
        }
        Ok(())
    }

    /// Appends the last segment.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.close(out)
    }

    fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.cipher
            .seal_in_place_append_tag(nonce(self.index), Aad::empty(), &mut self.pending)
            .map_err(|_| Error::Invalid("the object is too long to be encrypted".to_owned()))?;
        out.append(&mut self.pending);
        self.index += 1;
        Ok(())
    }
}

/// Opens consecutive segments in place, beginning with that index; `None` when one was changed.
pub(crate) fn open(cipher: &LessSafeKey, first: u64, sealed: &mut [u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(sealed.len());
    let whole = (SEGMENT + TAG) as usize;
    for (index, segment) in sealed.chunks_mut(whole).enumerate() {
        let bytes = cipher
            .open_in_place(nonce(first + index as u64), Aad::empty(), segment)
            .ok()?;
        plain.extend_from_slice(bytes);
    }
    Some(plain)
}
