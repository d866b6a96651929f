//! The form of a predictor as bytes.
//!
//! | part | what |
//! |---|---|
//! | `TWPREDIC` | magic |
//! | version, 4 bytes | [`VERSION`] |
//! | length of the head, 4 bytes | |
//! | length of the arrays, 8 bytes | |
//! | the head | JSON: what is computed, and where each array begins |
//! | the arrays | as they are in memory |
//! | SHA-256 over all before, 32 bytes | against damage, not against forgery |
//!
//! All numbers are little-endian. The writing half is
//! `python/worker/tradewind_worker/native/form.py`.

mod arrays;
mod head;

pub(crate) use arrays::Arrays;
pub(crate) use head::{
    Category, ColumnPart, Compare, DecisionHead, Encoder, FiniteRule, Head, LabelsHead, ModelHead,
    Number, Operation, Precision, StepHead, TreesHead, Unknown,
};

use crate::Error;
use sha2::{Digest, Sha256};

/// The version that is written and read.
pub const VERSION: u32 = 1;
/// How a form begins.
pub const MAGIC: &[u8; 8] = b"TWPREDIC";
/// Largest form that is read.
pub const MOST_BYTES: usize = 1 << 30;
const LARGEST_HEAD: usize = 64 << 20;
const FIXED: usize = 24;
const CHECKSUM: usize = 32;

/// Takes a form apart.
pub(crate) fn open(bytes: &[u8]) -> Result<(Head, Arrays<'_>), Error> {
    if !bytes.starts_with(MAGIC) {
        return Err(Error::NotAForm);
    }
    let version = number(bytes, 8, 4)? as u32;
    if version != VERSION {
        return Err(Error::Version {
            found: version,
            read: VERSION,
        });
    }
    if bytes.len() > MOST_BYTES {
        return Err(Error::Damaged("it is larger than a form may be"));
    }
    let head = usize::try_from(number(bytes, 12, 4)?).unwrap_or(usize::MAX);
    let arrays = usize::try_from(number(bytes, 16, 8)?).unwrap_or(usize::MAX);
    if head > LARGEST_HEAD {
        return Err(Error::Damaged("its head is larger than a head may be"));
    }
    let body = FIXED.saturating_add(head).saturating_add(arrays);
    if body.saturating_add(CHECKSUM) != bytes.len() {
        return Err(Error::Damaged("its length is not what it says"));
    }
    let (content, checksum) = bytes.split_at(body);
    if Sha256::digest(content).as_slice() != checksum {
        return Err(Error::Damaged("its checksum does not fit"));
    }
    let (head, arrays) = content[FIXED..].split_at(head);
    let head: Head = serde_json::from_slice(head).map_err(|e| Error::Head(e.to_string()))?;
    let arrays = Arrays::new(&head.arrays, arrays)?;
    Ok((head, arrays))
}

fn number(bytes: &[u8], at: usize, size: usize) -> Result<u64, Error> {
    let part = bytes
        .get(at..at + size)
        .ok_or(Error::Damaged("it ends in its beginning"))?;
    let mut whole = [0; 8];
    whole[..size].copy_from_slice(part);
    Ok(u64::from_le_bytes(whole))
}
