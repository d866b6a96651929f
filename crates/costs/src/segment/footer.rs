//! What a segment says of itself: where each column of each block is, and figures of the whole.

use crate::focus::Column;
use serde::{Deserialize, Serialize};

/// The end of a segment's file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// Its blocks, in order.
    pub(crate) blocks: Vec<BlockAt>,
}

/// One block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BlockAt {
    /// Rows.
    pub(crate) rows: usize,
    /// Earliest and latest start of a charge, in milliseconds since 1970.
    pub(crate) starts: (i64, i64),
    /// Columns that are not null throughout.
    pub(crate) columns: Vec<ChunkAt>,
}

/// One column of a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChunkAt {
    /// Which.
    pub(crate) column: Column,
    /// First byte in the file.
    pub(crate) offset: u64,
    /// Bytes in the file.
    pub(crate) stored: usize,
    /// Bytes when unpacked; equal to `stored` when it is not compressed.
    pub(crate) length: usize,
    /// CRC-32 of the bytes in the file.
    pub(crate) crc: u32,
}
