//! The chunks that a body came in, until they are hashed and written: none is copied unless it is
//! small, so that a batch of tiny ones is no heap of tiny buffers.

use bytes::{Bytes, BytesMut};

/// A chunk of fewer bytes is copied behind the one before.
const SMALL: usize = 16 << 10;

/// Chunks in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    chunks: Vec<Bytes>,
    tail: BytesMut,
    bytes: usize,
}

impl Batch {
    /// Adds a chunk at the end.
    pub(super) fn add(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        if chunk.len() < SMALL {
            self.tail.extend_from_slice(&chunk);
            return;
        }
        self.close_tail();
        self.chunks.push(chunk);
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            self.chunks.push(self.tail.split().freeze());
        }
    }

    /// How many bytes there are.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The chunks.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let tail = (!self.tail.is_empty()).then_some(self.tail.as_ref());
        self.chunks.iter().map(AsRef::as_ref).chain(tail)
    }

    /// All as one; for few bytes.
    pub(super) fn joined(mut self) -> Bytes {
        if self.chunks.is_empty() {
            return self.tail.freeze();
        }
        self.close_tail();
        match self.chunks.as_mut_slice() {
            [one] => std::mem::take(one),
            all => Bytes::from(all.concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_keep_their_order() {
        let small = |byte: u8| Bytes::from(vec![byte; 3]);
        let large = |byte: u8| Bytes::from(vec![byte; SMALL]);
        for chunks in [
            vec![],
            vec![small(1)],
            vec![large(1)],
            vec![
                small(1),
                small(2),
                large(3),
                small(4),
                large(5),
                large(6),
                small(7),
            ],
        ] {
            let expected = chunks.concat();
            let mut batch = Batch::default();
            for chunk in chunks {
                batch.add(chunk);
            }
            assert_eq!(batch.bytes(), expected.len());
            let seen: Vec<&[u8]> = batch.chunks().collect();
            assert_eq!(seen.concat(), expected);
            assert_eq!(batch.joined(), expected);
        }
    }
}
