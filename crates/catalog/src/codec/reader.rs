//! Reads the primitives of the file form and refuses whatever does not fit, with its position.

use crate::Error;

/// A cursor over an inflated body.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Position of `bytes` in the whole body, for messages.
    start: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning of a body.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            position: 0,
            start: 0,
        }
    }

    /// Whether everything was read.
    pub(crate) const fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// An error that names this position.
    pub(crate) fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::Damaged {
            at: self.start + self.position,
            reason: reason.into(),
        }
    }

    /// Refuses a section that holds more than was read.
    pub(crate) fn finish(&self, name: &str) -> Result<(), Error> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(self.damaged(format!("section `{name}` is longer than its content")))
    }

    /// LEB128.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Error> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.position) else {
                return Err(self.damaged("it ends inside a number"));
            };
            self.position += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.damaged("a number has more than 64 bits"))
    }

    /// Zigzag LEB128.
    pub(crate) fn signed(&mut self) -> Result<i64, Error> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number that must fit `T`.
    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        let value = self.unsigned()?;
        T::try_from(value).map_err(|_| self.damaged(format!("{value} is out of range")))
    }

    /// The length of a list whose entries take at least one byte each.
    pub(crate) fn length(&mut self) -> Result<usize, Error> {
        let length = self.unsigned()?;
        if length > (self.bytes.len() - self.position) as u64 {
            return Err(self.damaged("a list is longer than the file"));
        }
        Ok(length as usize)
    }

    /// Length and UTF-8.
    pub(crate) fn text(&mut self) -> Result<&'a str, Error> {
        let length = self.length()?;
        let bytes = &self.bytes[self.position..self.position + length];
        let text = std::str::from_utf8(bytes).map_err(|_| self.damaged("a text is not UTF-8"))?;
        self.position += length;
        Ok(text)
    }

    /// A name and its content.
    pub(crate) fn section(&mut self) -> Result<(&'a str, Reader<'a>), Error> {
        let name = self.text()?;
        let length = self.length()?;
        let start = self.start + self.position;
        let bytes = &self.bytes[self.position..self.position + length];
        self.position += length;
        Ok((
            name,
            Reader {
                bytes,
                position: 0,
                start,
            },
        ))
    }

    /// Runs that must add up to `rows` values.
    pub(crate) fn runs(&mut self, rows: usize, mut put: impl FnMut(u64)) -> Result<(), Error> {
        let mut missing = rows as u64;
        for _ in 0..self.length()? {
            let (count, value) = (self.unsigned()?, self.unsigned()?);
            if count > missing {
                return Err(self.damaged("a column has more rows than the table"));
            }
            missing -= count;
            for _ in 0..count {
                put(value);
            }
        }
        if missing > 0 {
            return Err(self.damaged("a column has fewer rows than the table"));
        }
        Ok(())
    }
}
