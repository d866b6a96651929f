//! Reading a segment: its footer at once, a column of a block when it is asked for.

use super::footer::BlockAt;
use super::{BLOCK_ROWS, Chunk, Footer, MAGIC};
use crate::Error;
use crate::focus::Column;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// No chunk unpacks to more than this.
const LARGEST_CHUNK: usize = 1 << 31;

/// A segment that is open.
pub(crate) struct Segment {
    path: PathBuf,
    file: File,
    footer: Footer,
}

impl Segment {
    /// Opens a file and reads its footer.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        let length = file.metadata().map_err(Error::io(path))?.len();
        let tail = length.checked_sub(16).filter(|at| *at >= 8);
        let tail = tail.ok_or_else(|| Error::damaged(path, "it is too short"))?;
        let mut end = [0_u8; 16];
        file.read_exact_at(&mut end, tail)
            .map_err(Error::io(path))?;
        let number =
            |at: usize| u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]);
        if end[8..] != MAGIC[..] {
            return Err(Error::damaged(path, "its end is missing"));
        }
        let start = tail.checked_sub(u64::from(number(0)));
        let start = start.ok_or_else(|| Error::damaged(path, "its footer is too long"))?;
        let mut footer = vec![0_u8; number(0) as usize];
        file.read_exact_at(&mut footer, start)
            .map_err(Error::io(path))?;
        if crc32fast::hash(&footer) != number(4) {
            return Err(Error::damaged(path, "its footer has another checksum"));
        }
        let footer: Footer = serde_json::from_slice(&footer)
            .map_err(|error| Error::damaged(path, error.to_string()))?;
        if footer.blocks.iter().any(|block| block.rows > BLOCK_ROWS) {
            return Err(Error::damaged(path, "a block has too many rows"));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            footer,
        })
    }

    pub(crate) fn blocks(&self) -> &[BlockAt] {
        &self.footer.blocks
    }

    /// A column of a block; `None` when it is null throughout.
    pub(crate) fn read(&self, block: &BlockAt, column: Column) -> Result<Option<Chunk>, Error> {
        let Some(at) = block.columns.iter().find(|at| at.column == column) else {
            return Ok(None);
        };
        let damaged =
            |what: &str| Error::damaged(&self.path, format!("`{}`: {what}", column.name()));
        if at.stored > LARGEST_CHUNK || at.length > LARGEST_CHUNK {
            return Err(damaged("a chunk is too large"));
        }
        let mut stored = vec![0_u8; at.stored];
        self.file
            .read_exact_at(&mut stored, at.offset)
            .map_err(Error::io(&self.path))?;
        if crc32fast::hash(&stored) != at.crc {
            return Err(damaged("a chunk has another checksum"));
        }
        let plain = if at.stored == at.length {
            stored
        } else {
            lz4_flex::block::decompress(&stored, at.length)
                .map_err(|_| damaged("a chunk cannot be unpacked"))?
        };
        let chunk = Chunk::read(column.kind(), block.rows, &plain).map_err(damaged)?;
        Ok(Some(chunk))
    }
}
