//! Writes the primitives of the file form.

/// A growing body.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// LEB128.
    pub(crate) fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Zigzag, then LEB128.
    pub(crate) fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)) as u64);
    }

    /// Length and UTF-8.
    pub(crate) fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A name, a length and what `write` puts inside.
    pub(crate) fn section(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.text(name);
        self.unsigned(inner.bytes.len() as u64);
        self.bytes.append(&mut inner.bytes);
    }

    /// Values as runs: count and value. Small for columns that seldom change.
    pub(crate) fn runs(&mut self, values: impl Iterator<Item = u64>) {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for value in values {
            match runs.last_mut() {
                Some((count, last)) if *last == value => *count += 1,
                _ => runs.push((1, value)),
            }
        }
        self.unsigned(runs.len() as u64);
        for (count, value) in runs {
            self.unsigned(count);
            self.unsigned(value);
        }
    }
}
