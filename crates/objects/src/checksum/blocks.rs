//! A CRC32C of every block of a stored file, so that a range can be read and still be checked:
//! bytes of a block leave the store only after the block was found to be what was written.

use super::{decode, encode};
use serde::{Deserialize, Serialize};

/// Length of a block while few of them are needed.
pub(crate) const FIRST_BLOCK: u64 = 1 << 20;

/// Most blocks of one object; longer objects have longer blocks, so that the row stays small.
const MOST_BLOCKS: usize = 1_024;

/// The checksums of a file's blocks as they are kept in its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blocks {
    /// Length of every block but the last, in bytes.
    pub(crate) bytes: u64,
    /// The CRC32Cs, big-endian, one after the other in base64.
    sums: String,
}

impl Blocks {
    /// The checksum of the block with that index.
    pub(crate) fn sums(&self) -> Option<Vec<u32>> {
        let bytes = decode(&self.sums)?;
        let (sums, rest) = bytes.as_chunks::<4>();
        rest.is_empty()
            .then(|| sums.iter().map(|sum| u32::from_be_bytes(*sum)).collect())
    }
}

/// Computes block checksums over a stream of unknown length.
#[derive(Debug, Clone)]
pub(crate) struct BlockSums {
    block: u64,
    done: Vec<u32>,
    current: u32,
    filled: u64,
}

impl BlockSums {
    pub(crate) fn new() -> Self {
        Self {
            block: FIRST_BLOCK,
            done: Vec::new(),
            current: 0,
            filled: 0,
        }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == self.block {
                self.close();
            }
            let room = usize::try_from(self.block - self.filled).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.current = crc32c::crc32c_append(self.current, now);
            self.filled += now.len() as u64;
            bytes = later;
        }
    }

    fn close(&mut self) {
        self.done.push(self.current);
        self.current = 0;
        self.filled = 0;
        if self.done.len() == MOST_BLOCKS {
            let half = usize::try_from(self.block).unwrap_or(usize::MAX);
            let (pairs, _) = self.done.as_chunks::<2>();
            self.done = pairs
                .iter()
                .map(|[left, right]| crc32c::crc32c_combine(*left, *right, half))
                .collect();
            self.block *= 2;
        }
    }

    pub(crate) fn finish(mut self) -> Blocks {
        if self.filled > 0 || self.done.is_empty() {
            self.done.push(self.current);
        }
        let bytes: Vec<u8> = self.done.iter().flat_map(|sum| sum.to_be_bytes()).collect();
        Blocks {
            bytes: self.block,
            sums: encode(&bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_fold_when_there_are_many() {
        let chunk = vec![7_u8; (FIRST_BLOCK / 4) as usize];
        let mut sums = BlockSums::new();
        // 1,500 blocks of 1 MiB must become blocks of 2 MiB.
        for _ in 0..6_000 {
            sums.update(&chunk);
        }
        let blocks = sums.finish();
        assert_eq!(blocks.bytes, 2 * FIRST_BLOCK);
        let values = blocks.sums().unwrap();
        assert_eq!(values.len(), 750);
        let whole = crc32c::crc32c(&vec![7_u8; 2 * FIRST_BLOCK as usize]);
        assert!(values.iter().all(|&sum| sum == whole));
    }

    #[test]
    fn a_short_file_has_one_block() {
        for length in [0_usize, 1, FIRST_BLOCK as usize] {
            let mut sums = BlockSums::new();
            sums.update(&vec![1_u8; length]);
            assert_eq!(sums.finish().sums().unwrap().len(), 1);
        }
    }
}
