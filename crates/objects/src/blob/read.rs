//! Reads contents as streams of checked pieces. A piece leaves only after the block or segment
//! it belongs to was found to be what was written; a damaged one ends the stream with an error.

use super::Blobs;
use super::seal::{self, SEGMENT, TAG};
use crate::checksum::FIRST_BLOCK;
use crate::error::Error;
use crate::keys::CustomerKey;
use crate::record::{Content, Object};
use bytes::Bytes;
use contracts::objects::{ByteStream, ObjectError};
use futures::{StreamExt as _, stream};
use ring::aead::LessSafeKey;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::{JoinHandle, spawn_blocking};

/// Most bytes of a piece.
const PIECE: u64 = FIRST_BLOCK;

/// A content that is open for reading.
pub(crate) struct Source {
    bucket: String,
    key: String,
    data: Data,
    /// Plain length.
    bytes: u64,
    guard: Guard,
    /// Index of the long block that was checked last.
    verified: AtomicU64,
}

enum Data {
    Memory(Bytes),
    File(File),
}

enum Guard {
    Blocks { bytes: u64, sums: Vec<u32> },
    Cipher(Box<LessSafeKey>),
}

impl Blobs {
    /// Opens an object's bytes; blocks.
    pub(crate) fn source(
        &self,
        object: &Object,
        customer: Option<&CustomerKey>,
    ) -> Result<Source, Error> {
        object.opens_with(customer)?;
        let damaged = |reason: &str| damaged(&object.bucket, &object.key, reason);
        let Some(content) = &object.content else {
            return Err(damaged("a delete marker has none"));
        };
        let guard = match (&content.sealed, &content.blocks) {
            (Some(sealed), _) => {
                Guard::Cipher(Box::new(self.keys.unwrap(sealed, customer)?.cipher()?))
            }
            (None, Some(blocks)) => Guard::Blocks {
                bytes: blocks.bytes,
                sums: blocks
                    .sums()
                    .ok_or_else(|| damaged("its checksums are unreadable"))?,
            },
            (None, None) => return Err(damaged("its row has neither checksums nor a key")),
        };
        let stored = match guard {
            Guard::Cipher(_) => seal::sealed_length(object.bytes),
            Guard::Blocks { .. } => object.bytes,
        };
        let (data, found) = if let Some(text) = &content.inline {
            let bytes =
                Content::decode_inline(text).ok_or_else(|| damaged("its row is unreadable"))?;
            let found = bytes.len() as u64;
            (Data::Memory(bytes), found)
        } else {
            let file = open(&self.path(&content.id), &damaged)?;
            let found = file
                .metadata()
                .map_err(|error| Error::io("cannot read the file of an object", error))?
                .len();
            (Data::File(file), found)
        };
        if found != stored {
            return Err(damaged(&format!(
                "its file has {found} bytes instead of {stored}"
            )));
        }
        Ok(Source {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            data,
            bytes: object.bytes,
            guard,
            verified: AtomicU64::new(u64::MAX),
        })
    }

    /// The bytes of a range as a stream. The first piece is read at once, so that most damage
    /// shows before an answer is begun.
    pub(crate) async fn read(
        self: &Arc<Self>,
        object: &Object,
        range: Range<u64>,
        customer: Option<&CustomerKey>,
    ) -> Result<ByteStream, Error> {
        let (blobs, customer) = (Arc::clone(self), customer.cloned());
        let first = move |object: Object| {
            let source = blobs.source(&object, customer.as_ref())?;
            let piece = source.piece(&range)?;
            Ok::<_, Error>((source, piece, range))
        };
        let object = object.clone();
        let is_inline = object.content.as_ref().is_some_and(|c| c.inline.is_some());
        let (source, piece, range) = if is_inline {
            first(object)?
        } else {
            spawn_blocking(move || first(object))
                .await
                .map_err(Error::task)??
        };
        let next = range.start + piece.len() as u64;
        if next >= range.end {
            return Ok(stream::iter((!piece.is_empty()).then_some(Ok(piece))).boxed());
        }
        let reader = Reader::new(Arc::new(source), next..range.end);
        let rest = stream::unfold(reader, Reader::step);
        Ok(stream::iter([Ok(piece)]).chain(rest).boxed())
    }
}

/// Reads one piece ahead of its consumer.
struct Reader {
    source: Arc<Source>,
    ahead: Option<JoinHandle<Result<Bytes, Error>>>,
    next: Range<u64>,
}

impl Reader {
    fn new(source: Arc<Source>, range: Range<u64>) -> Self {
        let mut reader = Self {
            source,
            ahead: None,
            next: range,
        };
        reader.begin();
        reader
    }

    fn begin(&mut self) {
        self.ahead = (self.next.start < self.next.end).then(|| {
            let source = Arc::clone(&self.source);
            let range = self.next.clone();
            spawn_blocking(move || source.piece(&range))
        });
    }

    async fn step(mut self) -> Option<(Result<Bytes, ObjectError>, Self)> {
        let read = self.ahead.take()?.await.map_err(Error::task);
        match read.and_then(|read| read) {
            Ok(piece) => {
                self.next.start += piece.len() as u64;
                self.begin();
                Some((Ok(piece), self))
            }
            Err(error) => Some((Err(error.into()), self)),
        }
    }
}

impl Source {
    fn damaged(&self, reason: &str) -> Error {
        damaged(&self.bucket, &self.key, reason)
    }

    /// The first bytes of a range: at least one when it has any, at most [`PIECE`]. Blocks.
    pub(crate) fn piece(&self, range: &Range<u64>) -> Result<Bytes, Error> {
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        match &self.guard {
            Guard::Cipher(cipher) => self.unsealed(cipher, range),
            Guard::Blocks { bytes, sums } => self.checked(*bytes, sums, range),
        }
    }

    fn checked(&self, block: u64, sums: &[u32], range: &Range<u64>) -> Result<Bytes, Error> {
        let index = range.start / block;
        let begin = index * block;
        let end = (begin + block).min(self.bytes);
        let expected = usize::try_from(index)
            .ok()
            .and_then(|index| sums.get(index));
        if block <= PIECE {
            let bytes = self.bytes_at(begin..end)?;
            if Some(&crc32c::crc32c(&bytes)) != expected {
                return Err(self.damaged("a block does not have its checksum"));
            }
            let from = (range.start - begin) as usize;
            let to = (range.end.min(end) - begin) as usize;
            return Ok(bytes.slice(from..to));
        }
        // Long blocks are checked as a whole before their first piece, without being held.
        if self.verified.load(Ordering::Acquire) != index {
            let mut sum = 0;
            let mut at = begin;
            while at < end {
                let until = (at + PIECE).min(end);
                sum = crc32c::crc32c_append(sum, &self.bytes_at(at..until)?);
                at = until;
            }
            if Some(&sum) != expected {
                return Err(self.damaged("a block does not have its checksum"));
            }
            self.verified.store(index, Ordering::Release);
        }
        let until = (range.start / PIECE + 1) * PIECE;
        self.bytes_at(range.start..until.min(end).min(range.end))
    }

    fn unsealed(&self, cipher: &LessSafeKey, range: &Range<u64>) -> Result<Bytes, Error> {
        let first = range.start / SEGMENT;
        let begin = first * SEGMENT;
        let end = (begin + PIECE)
            .min(range.end.next_multiple_of(SEGMENT))
            .min(self.bytes);
        let stored = (SEGMENT + TAG) * first;
        let length = seal::sealed_length(end - begin);
        let mut sealed = self.bytes_at(stored..stored + length)?.to_vec();
        let plain = seal::open(cipher, first, &mut sealed)
            .ok_or_else(|| self.damaged("an encrypted segment was changed"))?;
        let plain = Bytes::from(plain);
        let from = (range.start - begin) as usize;
        let to = (range.end.min(end) - begin) as usize;
        Ok(plain.slice(from..to))
    }

    fn bytes_at(&self, range: Range<u64>) -> Result<Bytes, Error> {
        match &self.data {
            Data::Memory(bytes) => Ok(bytes.slice(range.start as usize..range.end as usize)),
            Data::File(file) => {
                let mut buffer = vec![0; (range.end - range.start) as usize];
                file.read_exact_at(&mut buffer, range.start)
                    .map_err(|error| match error.kind() {
                        io::ErrorKind::UnexpectedEof => self.damaged("its file was cut"),
                        _ => Error::io("cannot read the file of an object", error),
                    })?;
                Ok(Bytes::from(buffer))
            }
        }
    }

    /// Reads everything through a function; blocks.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut at = 0;
        while at < self.bytes {
            let piece = self.piece(&(at..self.bytes))?;
            take(&piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }
}

fn open(path: &std::path::Path, damaged: &impl Fn(&str) -> Error) -> Result<File, Error> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => damaged("its file is missing"),
        _ => Error::io("cannot open the file of an object", error),
    })
}

fn damaged(bucket: &str, key: &str, reason: &str) -> Error {
    Error::Damaged {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        reason: reason.to_owned(),
    }
}
