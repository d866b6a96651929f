//! The hash functions at work over a stream, in two halves of about equal cost that can run on
//! two cores.

use super::{Algorithm, Computed, ContentName};
use crc::{CRC_64_NVME, Crc, Table};
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};

static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// All hash functions of a body.
pub(crate) struct Hashers {
    pub(crate) slow: Slow,
    pub(crate) fast: Fast,
}

/// MD5 and what only some callers ask for.
pub(crate) struct Slow {
    md5: Md5,
    sha1: Option<Sha1>,
    crc64: Option<crc::Digest<'static, u64, Table<16>>>,
}

/// What the processor has instructions for.
pub(crate) struct Fast {
    sha256: Option<Sha256>,
    known: Option<[u8; 32]>,
    crc32: Option<crc32fast::Hasher>,
    crc32c: Option<u32>,
}

impl Hashers {
    /// Hashers of MD5, the wanted others, and SHA-256 when the name is to be computed.
    pub(crate) fn new(wanted: &BTreeSet<Algorithm>, name: &ContentName) -> Self {
        let is_computed = *name == ContentName::Computed || wanted.contains(&Algorithm::Sha256);
        Self {
            slow: Slow {
                md5: Md5::new(),
                sha1: wanted.contains(&Algorithm::Sha1).then(Sha1::new),
                crc64: wanted
                    .contains(&Algorithm::Crc64Nvme)
                    .then(|| CRC64.digest()),
            },
            fast: Fast {
                sha256: is_computed.then(Sha256::new),
                known: match name {
                    ContentName::Known(digest) => Some(*digest),
                    ContentName::Computed | ContentName::Unneeded => None,
                },
                crc32: wanted
                    .contains(&Algorithm::Crc32)
                    .then(crc32fast::Hasher::new),
                crc32c: wanted.contains(&Algorithm::Crc32c).then_some(0),
            },
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.slow.update(bytes);
        self.fast.update(bytes);
    }

    pub(crate) fn finish(self) -> Computed {
        let mut all = BTreeMap::from([(Algorithm::Md5, self.slow.md5.finalize().to_vec())]);
        if let Some(crc32c) = self.fast.crc32c {
            all.insert(Algorithm::Crc32c, crc32c.to_be_bytes().to_vec());
        }
        let computed = self.fast.sha256.map(|sha256| sha256.finalize().to_vec());
        if let Some(sha256) = computed.or_else(|| self.fast.known.map(Vec::from)) {
            all.insert(Algorithm::Sha256, sha256);
        }
        if let Some(sha1) = self.slow.sha1 {
            all.insert(Algorithm::Sha1, sha1.finalize().to_vec());
        }
        if let Some(crc64) = self.slow.crc64 {
            all.insert(
                Algorithm::Crc64Nvme,
                crc64.finalize().to_be_bytes().to_vec(),
            );
        }
        if let Some(crc32) = self.fast.crc32 {
            all.insert(Algorithm::Crc32, crc32.finalize().to_be_bytes().to_vec());
        }
        Computed(all)
    }
}

impl Slow {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        if let Some(sha1) = &mut self.sha1 {
            sha1.update(bytes);
        }
        if let Some(crc64) = &mut self.crc64 {
            crc64.update(bytes);
        }
    }
}

impl Fast {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        if let Some(crc32c) = &mut self.crc32c {
            *crc32c = crc32c::crc32c_append(*crc32c, bytes);
        }
        if let Some(crc32) = &mut self.crc32 {
            crc32.update(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::hex;

    /// The check values of the CRC catalogue and the RFCs for `123456789`.
    #[test]
    fn check_values() {
        let wanted = Algorithm::ALL.into_iter().collect();
        let mut hashers = Hashers::new(&wanted, &ContentName::Unneeded);
        hashers.update(b"12345");
        hashers.update(b"6789");
        let computed = hashers.finish();
        for (algorithm, expected) in [
            (Algorithm::Md5, "25f9e794323b453885f5181f1b624d0b"),
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (
                Algorithm::Sha256,
                "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ),
        ] {
            assert_eq!(hex(&computed.0[&algorithm]), expected, "{algorithm}");
        }
    }

    #[test]
    fn a_name_is_computed_known_or_left_out() {
        let named = |name: ContentName| {
            let mut hashers = Hashers::new(&BTreeSet::new(), &name);
            hashers.update(b"abc");
            hashers.finish().hex(Algorithm::Sha256)
        };
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(named(ContentName::Computed), abc);
        assert_eq!(named(ContentName::Known([0xab; 32])), "ab".repeat(32));
        assert_eq!(named(ContentName::Unneeded), "");
    }
}
