//! Checksums: which there are, how they are written, and what a caller may demand of a body.
//!
//! MD5 and SHA-256 are computed for every write while the bytes stream by: the first is the entity
//! tag, the second names the content (unless it is known or nobody asks, see [`ContentName`]). The
//! others are computed when a caller asks for them; besides, a CRC32C guards each stored block.

mod blocks;
mod hashers;

pub(crate) use blocks::{BlockSums, Blocks, FIRST_BLOCK};
pub(crate) use hashers::{Fast, Hashers, Slow};

use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;

/// A checksum algorithm. Names and byte orders follow Amazon S3, "Checking object integrity".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// MD5 (RFC 1321).
    Md5,
    /// CRC-32 of ISO-HDLC (zip, Ethernet), big-endian.
    Crc32,
    /// CRC-32C (Castagnoli, RFC 3720), big-endian.
    Crc32c,
    /// CRC-64 of NVM Express, big-endian.
    Crc64Nvme,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// The name as S3 writes it: `MD5`, `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// Reads a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Length of a checksum in bytes.
    pub fn width(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a stored checksum is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All bytes of the object.
    #[default]
    Full,
    /// The checksums of the parts, one after the other; written with `-N` for N parts.
    Composite,
}

/// Checksums by algorithm, in base64 (composite ones with `-N`), as S3 shows them.
pub type Checksums = BTreeMap<Algorithm, String>;

/// What a caller promised about a body, known before it or only after its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Base64 values that the bytes must have.
    pub values: Checksums,
    /// To be computed and kept although no value was sent.
    pub compute: BTreeSet<Algorithm>,
    /// Announced length in bytes.
    pub bytes: Option<u64>,
    /// Where the content's name comes from.
    pub name: ContentName,
}

/// Where the SHA-256 comes from that names a content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ContentName {
    /// It is computed.
    #[default]
    Computed,
    /// Whoever hands the body in computes it as well, and ends the body with an error unless it is
    /// this: what a signature covers need not be hashed twice.
    Known([u8; 32]),
    /// Nobody asks: the content becomes a part of another.
    Unneeded,
}

/// Gives the checksums that followed a body (HTTP trailers). Called once, after its last byte.
pub type Trailer = Box<dyn FnOnce() -> Result<Checksums, Error> + Send + Sync>;

impl Expected {
    /// Demands one checksum.
    pub fn with(mut self, algorithm: Algorithm, base64: impl Into<String>) -> Self {
        self.values.insert(algorithm, base64.into());
        self
    }

    /// Asks for a checksum to be computed and kept.
    pub fn computing(mut self, algorithm: Algorithm) -> Self {
        self.compute.insert(algorithm);
        self
    }

    /// Which algorithms the caller cares about.
    pub(crate) fn algorithms(&self) -> BTreeSet<Algorithm> {
        let mut all = self.compute.clone();
        all.extend(self.values.keys());
        all
    }
}

/// The checksums that a body turned out to have, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Computed(pub BTreeMap<Algorithm, Vec<u8>>);

impl Computed {
    pub(crate) fn base64(&self, algorithm: Algorithm) -> Option<String> {
        self.0.get(&algorithm).map(|bytes| STANDARD.encode(bytes))
    }

    pub(crate) fn hex(&self, algorithm: Algorithm) -> String {
        self.0.get(&algorithm).map_or_else(String::new, |b| hex(b))
    }

    /// Compares with what was promised.
    pub(crate) fn verify(&self, promised: &Checksums) -> Result<(), Error> {
        for (&algorithm, expected) in promised {
            let bytes = STANDARD
                .decode(expected.trim())
                .ok()
                .filter(|bytes| bytes.len() == algorithm.width())
                .ok_or_else(|| {
                    Error::Invalid(format!(
                        "`{}` is not a {algorithm} in base64: it must encode {} bytes",
                        expected.chars().take(80).collect::<String>(),
                        algorithm.width(),
                    ))
                })?;
            let actual = self.0.get(&algorithm);
            if actual != Some(&bytes) {
                return Err(Error::BadDigest {
                    algorithm,
                    expected: expected.clone(),
                    actual: self.base64(algorithm).unwrap_or_default(),
                });
            }
        }
        Ok(())
    }

    /// Those that are kept with the object: what the caller cares about, except MD5, which is
    /// the entity tag already.
    pub(crate) fn kept(&self, wanted: &BTreeSet<Algorithm>) -> Checksums {
        wanted
            .iter()
            .filter(|&&algorithm| algorithm != Algorithm::Md5)
            .filter_map(|&algorithm| Some((algorithm, self.base64(algorithm)?)))
            .collect()
    }
}

/// Verifies bytes that are whole in memory, such as the body of a request about a bucket.
///
/// # Errors
/// [`Error::BadDigest`] for other bytes, [`Error::Invalid`] for a value that is no checksum.
pub fn verify(bytes: &[u8], promised: &Checksums) -> Result<(), Error> {
    let wanted = promised.keys().copied().collect();
    let mut hashers = Hashers::new(&wanted, &ContentName::Unneeded);
    hashers.update(bytes);
    hashers.finish().verify(promised)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads hexadecimal; `None` when it is none.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The MD5 of the parts' MD5s, `-` and their number: the entity tag of a multipart upload.
pub(crate) fn multipart_etag(md5s: &[Vec<u8>]) -> String {
    let mut all = Hashers::new(&BTreeSet::new(), &ContentName::Unneeded);
    for md5 in md5s {
        all.update(md5);
    }
    format!("{}-{}", all.finish().hex(Algorithm::Md5), md5s.len())
}

/// The checksum of the parts' checksums, in base64 with `-` and their number.
pub(crate) fn composite(algorithm: Algorithm, parts: &[Vec<u8>]) -> Option<String> {
    let mut all = Hashers::new(&BTreeSet::from([algorithm]), &ContentName::Unneeded);
    for part in parts {
        all.update(part);
    }
    let value = all.finish().base64(algorithm)?;
    Some(format!("{value}-{}", parts.len()))
}
