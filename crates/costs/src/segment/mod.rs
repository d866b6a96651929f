//! A segment: the lines of one delivery and one billing month as columns in a file that is written
//! once. Keys are codes into the dictionary of their block, decimals are integers at their block's
//! scale, tags are taken apart. A question reads only the columns it asks for, one block at a time.
//!
//! Layout: eight magic bytes, the column chunks, the footer as JSON, its length and its CRC-32, and
//! the magic bytes again. Chunks are compressed with LZ4 when that gains an eighth; each has a CRC-32.

mod bytes;
mod column;
mod decimals;
mod dictionary;
mod footer;
mod read;
mod tags;
mod write;

pub(crate) use column::{Builder, Chunk, Codes};
pub(crate) use decimals::Mantissas;
pub(crate) use dictionary::Dictionary;
pub(crate) use footer::{BlockAt, Footer};
pub(crate) use read::Segment;
pub(crate) use tags::read_tags;
pub(crate) use write::{Block, Writer};

/// Most rows of a block: with null they fit into a code of two bytes.
pub(crate) const BLOCK_ROWS: usize = 60_000;

const MAGIC: &[u8; 8] = b"TWLEDGR1";
