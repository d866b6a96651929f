//! The catalog's own file form: small enough to embed, fast enough to load at every start.
//!
//! ```text
//! magic    8 bytes  `TWCATLG` and the version of the form
//! length   8 bytes  of the body once inflated, little endian
//! checksum 32 bytes SHA-256 over the deflated body
//! body              zlib; sections of the form: name, length, content
//! ```
//!
//! Integers are LEB128 variable-length, signed ones zigzag coded; strings and lists carry their
//! length. A reader skips sections whose name it does not know, so that an older binary can load
//! a newer catalog as long as the version stays.

mod offers;
mod quarantine;
mod reader;
mod transfer;
mod writer;

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

pub(crate) use reader::Reader;
pub(crate) use writer::Writer;

use crate::{Error, Prices};

/// First bytes of a catalog file; the last one is the version of the form.
const MAGIC: [u8; 8] = *b"TWCATLG\x01";
const HEADER: usize = 48;
/// No catalog is larger than this once inflated; a file that claims more is refused unread.
const LONGEST_BODY: u64 = 256 << 20;

/// Writes the figures of a catalog in its own form.
pub fn encode(prices: &Prices) -> Result<Vec<u8>, Error> {
    let mut body = Writer::default();
    body.section("offers", |section| {
        offers::write(section, &prices.offers);
    });
    body.section("quarantine", |section| {
        quarantine::write(section, &prices.quarantined);
    });
    body.section("transfer", |section| {
        transfer::write(section, &prices.transfer_pairs);
    });
    let body = body.into_bytes();
    let length = body.len() as u64;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    let deflated = encoder.write_all(&body).and_then(|()| encoder.finish());
    let deflated = deflated.map_err(Error::Deflate)?;
    let mut file = Vec::with_capacity(HEADER + deflated.len());
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&deflated));
    file.extend_from_slice(&deflated);
    Ok(file)
}

/// Reads a catalog after checking form, version, length and checksum.
pub fn decode(file: &[u8]) -> Result<Prices, Error> {
    let body = inflate(file)?;
    let mut reader = Reader::new(&body);
    let mut prices = Prices::default();
    while !reader.is_at_end() {
        let (name, mut section) = reader.section()?;
        match name {
            "offers" => prices.offers = offers::read(&mut section)?,
            "quarantine" => prices.quarantined = quarantine::read(&mut section)?,
            "transfer" => prices.transfer_pairs = transfer::read(&mut section)?,
            _ => continue,
        }
        section.finish(name)?;
    }
    Ok(prices)
}

/// SHA-256 over several pieces in hexadecimal: the name that a plan keeps of its prices.
pub fn hash<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update((piece.len() as u64).to_le_bytes());
        hasher.update(piece);
    }
    hexadecimal(&hasher.finalize())
}

/// Two digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn inflate(file: &[u8]) -> Result<Vec<u8>, Error> {
    let refuse = |reason: &str| Error::Damaged {
        at: 0,
        reason: reason.to_owned(),
    };
    let (Some(magic), Some(length), Some(checksum), Some(deflated)) = (
        file.get(..8),
        file.get(8..16),
        file.get(16..HEADER),
        file.get(HEADER..),
    ) else {
        return Err(refuse("it is shorter than its header"));
    };
    if magic[..7] != MAGIC[..7] {
        return Err(refuse("it does not begin like a catalog"));
    }
    if magic[7] != MAGIC[7] {
        return Err(Error::Version {
            found: magic[7],
            known: MAGIC[7],
        });
    }
    if Sha256::digest(deflated).as_slice() != checksum {
        return Err(refuse(
            "its checksum does not match: it was truncated or changed",
        ));
    }
    let length = length.try_into().map_or(u64::MAX, u64::from_le_bytes);
    if length > LONGEST_BODY {
        return Err(refuse("it claims to be larger than any catalog"));
    }
    let mut body = Vec::with_capacity(length as usize);
    let mut decoder = ZlibDecoder::new(deflated).take(length + 1);
    decoder
        .read_to_end(&mut body)
        .map_err(|error| refuse(&format!("it does not inflate: {error}")))?;
    if body.len() as u64 != length {
        return Err(refuse("its content is not as long as its header says"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
