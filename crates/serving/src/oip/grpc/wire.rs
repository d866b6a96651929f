//! Protocol Buffers' wire format (protobuf.dev, "Encoding") as far as the protocol's messages need
//! it: five small messages without recursion, for which a code generator and its crates would be
//! more than the format itself.

use super::GrpcError;

/// A field of a message as it was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    /// An integer of any kind, or a truth value.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// Four bytes.
    Fixed32(u32),
    /// Text, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// Reads the fields of a message in their order.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

fn broken(what: &str) -> GrpcError {
    GrpcError::invalid(format!("the message is not Protocol Buffers: {what}"))
}

impl<'a> Reader<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field's number and value; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, GrpcError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let length = self.varint()?;
                let length =
                    usize::try_from(length).map_err(|_| broken("a length is too large"))?;
                Field::Bytes(self.take(length)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.fixed()?)),
            kind => return Err(broken(&format!("a field has the kind {kind}"))),
        };
        Ok(Some((key >> 3, field)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], GrpcError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| broken("it ends in the middle of a field"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], GrpcError> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn varint(&mut self) -> Result<u64, GrpcError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.fixed()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(broken("a number has more than ten bytes"))
    }
}

impl<'a> Field<'a> {
    /// Text.
    pub(super) fn text(self) -> Result<&'a str, GrpcError> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| broken("a text is not UTF-8"))
    }

    /// Bytes or a message.
    pub(super) fn bytes(self) -> Result<&'a [u8], GrpcError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(broken("a field is not of the kind that it has to be")),
        }
    }

    /// Adds the number, or the packed numbers, of a repeated field of integers.
    pub(super) fn integers(self, into: &mut Vec<u64>) -> Result<(), GrpcError> {
        match self {
            Self::Varint(value) => into.push(value),
            Self::Bytes(packed) => {
                let mut reader = Reader::new(packed);
                while !reader.rest.is_empty() {
                    into.push(reader.varint()?);
                }
            }
            _ => return Err(broken("a field is not of the kind that it has to be")),
        }
        Ok(())
    }

    /// Adds the number, or the packed numbers, of a repeated field of floats.
    pub(super) fn floats(self, into: &mut Vec<f64>) -> Result<(), GrpcError> {
        match self {
            Self::Fixed32(bits) => into.push(f32::from_bits(bits).into()),
            Self::Bytes(packed) => {
                let (numbers, rest) = packed.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(broken("packed floats end in the middle of one"));
                }
                into.extend(
                    numbers
                        .iter()
                        .map(|four| f64::from(f32::from_le_bytes(*four))),
                );
            }
            _ => return Err(broken("a field is not of the kind that it has to be")),
        }
        Ok(())
    }

    /// Adds the number, or the packed numbers, of a repeated field of doubles.
    pub(super) fn doubles(self, into: &mut Vec<f64>) -> Result<(), GrpcError> {
        match self {
            Self::Fixed64(bits) => into.push(f64::from_bits(bits)),
            Self::Bytes(packed) => {
                let (numbers, rest) = packed.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(broken("packed doubles end in the middle of one"));
                }
                into.extend(numbers.iter().map(|eight| f64::from_le_bytes(*eight)));
            }
            _ => return Err(broken("a field is not of the kind that it has to be")),
        }
        Ok(())
    }
}

/// Writes a message.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) message: Vec<u8>,
}

impl Writer {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.message.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.message.push(value as u8);
    }

    /// A truth value; false is left out, as the format's third version does.
    pub(super) fn truth(&mut self, number: u64, value: bool) {
        if value {
            self.varint(number << 3);
            self.varint(1);
        }
    }

    /// Bytes, text or a message; text and bytes that are empty are left out by whoever may.
    pub(super) fn bytes(&mut self, number: u64, bytes: &[u8]) {
        self.varint(number << 3 | 2);
        self.varint(bytes.len() as u64);
        self.message.extend_from_slice(bytes);
    }

    /// Packed integers.
    pub(super) fn integers(&mut self, number: u64, values: &[i64]) {
        let mut packed = Self::default();
        for value in values {
            packed.varint(value.cast_unsigned());
        }
        self.bytes(number, &packed.message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_broken_messages_are_refused() {
        let mut writer = Writer::default();
        writer.truth(1, true);
        writer.truth(2, false);
        writer.bytes(3, "ä".as_bytes());
        writer.integers(4, &[0, 300, -1]);
        let mut reader = Reader::new(&writer.message);
        assert_eq!(reader.next().unwrap(), Some((1, Field::Varint(1))));
        let (number, text) = reader.next().unwrap().unwrap();
        assert_eq!((number, text.text().unwrap()), (3, "ä"));
        let mut integers = Vec::new();
        reader
            .next()
            .unwrap()
            .unwrap()
            .1
            .integers(&mut integers)
            .unwrap();
        assert_eq!(integers, [0, 300, u64::MAX]);
        assert_eq!(reader.next().unwrap(), None);
        for cut in 1..writer.message.len() {
            let mut reader = Reader::new(&writer.message[..cut]);
            while let Ok(Some(_)) = reader.next() {}
        }
        for broken in [
            &[0x0b][..],
            &[0x1a, 5, 1],
            &[0x80; 11],
            &[0x09, 1],
            &[0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ] {
            assert!(Reader::new(broken).next().is_err(), "{broken:?}");
        }
        assert!(Field::Bytes(&[1, 2, 3]).floats(&mut Vec::new()).is_err());
        assert!(Field::Varint(1).text().is_err());
    }
}
