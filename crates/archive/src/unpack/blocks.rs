//! The blocks of a tar: headers with their checksum, content, padding and the end marker, all
//! counted against the budget as they are read.

use std::io::{self, Read};

use tar::Header;

use super::tree::Tree;
use crate::error::Error;

/// The unit of a tar.
pub(super) const BLOCK: usize = 512;

/// Bytes of one extension record.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// Zero bytes after the end marker; GNU tar pads to its blocking factor, 10 KiB unless told.
const LONGEST_PADDING: usize = 16 << 20;

/// Whether the first block is a tar header or the end marker of an empty tar.
pub(super) fn begins_tar(head: &[u8]) -> bool {
    head.len() == BLOCK && (is_zero(head) || checksum_fits(head))
}

/// The blocks of a tar, counted against the budget.
pub(super) struct Blocks<'a, R> {
    input: R,
    /// Decompressed bytes so far, for error texts.
    at: u64,
    pub(super) tree: &'a mut Tree,
}

impl<'a, R: Read> Blocks<'a, R> {
    pub(super) fn new(input: R, tree: &'a mut Tree) -> Self {
        Self { input, at: 0, tree }
    }

    pub(super) fn corrupt(&self, detail: &str) -> Error {
        let place = format!("byte {} of the tar", self.at.saturating_sub(BLOCK as u64));
        Error::Corrupt {
            place,
            detail: detail.to_owned(),
        }
    }

    fn truncated(&self) -> Error {
        Error::Truncated {
            place: format!("after byte {} of the tar", self.at),
        }
    }

    fn read_some(&mut self, buffer: &mut [u8], name: &str) -> Result<usize, Error> {
        let count = loop {
            match self.input.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map_err(Error::Read)?,
            }
        };
        self.at += count as u64;
        self.tree.budget.produced(count, name)?;
        Ok(count)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_some(&mut buffer[filled..], "its headers")? {
                0 => return Err(self.truncated()),
                count => filled += count,
            }
        }
        Ok(())
    }

    /// The next header, or nothing at the end marker. One zero block is taken as the end; a
    /// second one and padding are in what is drained.
    pub(super) fn next_header(&mut self) -> Result<Option<[u8; BLOCK]>, Error> {
        let mut block = [0; BLOCK];
        self.fill(&mut block)?;
        if is_zero(&block) {
            return Ok(None);
        }
        if !checksum_fits(&block) {
            return Err(self.corrupt("the checksum of a header does not fit"));
        }
        Ok(Some(block))
    }

    pub(super) fn extension(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        if size > LONGEST_EXTENSION {
            return Err(self.corrupt("an extension record of more than 1 MiB"));
        }
        let mut data = vec![0; size as usize];
        self.fill(&mut data)?;
        self.skip_padding(size)?;
        Ok(data)
    }

    pub(super) fn skip_padding(&mut self, size: u64) -> Result<(), Error> {
        let over = (size % BLOCK as u64) as usize;
        if over == 0 {
            Ok(())
        } else {
            self.fill(&mut [0; BLOCK][over..])
        }
    }

    pub(super) fn file(&mut self, name: &str, size: u64, executable: bool) -> Result<(), Error> {
        self.tree.budget.announce(size, name)?;
        let mut file = self.tree.create_file(name, executable)?;
        let mut buffer = vec![0; 64 << 10];
        let mut left = size;
        while left > 0 {
            let wanted = left.min(buffer.len() as u64) as usize;
            match self.read_some(&mut buffer[..wanted], name)? {
                0 => return Err(self.truncated()),
                count => {
                    self.tree.budget.content(count, name)?;
                    file.write(&buffer[..count])?;
                    left -= count as u64;
                }
            }
        }
        self.tree.keep_file(file);
        Ok(())
    }

    /// Reads to the end of the input, so that a wrong checksum of the compression is noticed.
    /// Padding must be zero: what follows the end marker would be unpacked by some readers.
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        let mut buffer = vec![0; 64 << 10];
        let mut total = 0;
        loop {
            let count = self.read_some(&mut buffer, "its end")?;
            if count == 0 {
                return Ok(());
            }
            total += count;
            if total > LONGEST_PADDING {
                return Err(self.corrupt("more padding than any writer makes"));
            }
            if !is_zero(&buffer[..count]) {
                return Err(self.corrupt("data after the end marker"));
            }
        }
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The checksum is the sum of all bytes with its own field taken as spaces; some old writers
/// summed signed bytes.
fn checksum_fits(block: &[u8]) -> bool {
    let Ok(stated) = Header::from_byte_slice(block).cksum() else {
        return false;
    };
    let (mut unsigned, mut signed) = (0_u32, 0_i64);
    for (at, byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&at) {
            b' '
        } else {
            *byte
        };
        unsigned += u32::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    stated == unsigned || i64::from(stated) == signed
}
