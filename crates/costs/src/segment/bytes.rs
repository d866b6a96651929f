//! Little-endian integers and lengths in byte buffers, read with every bound checked.

/// What is wrong with a chunk.
pub(crate) type Fault = &'static str;

/// Reads from the front of a buffer.
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        if length > self.0.len() {
            return Err("a chunk ends early");
        }
        let (front, rest) = self.0.split_at(length);
        self.0 = rest;
        Ok(front)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<usize, Fault> {
        let bytes = self.take(4)?.try_into().map_err(|_| "a chunk ends early")?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    /// A count of things that take at least `size` bytes each in what follows.
    pub(crate) fn count(&mut self, size: usize) -> Result<usize, Fault> {
        let count = self.u32()?;
        if count.saturating_mul(size) > self.0.len() {
            return Err("a chunk counts more than it holds");
        }
        Ok(count)
    }
}

pub(crate) fn put(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}
