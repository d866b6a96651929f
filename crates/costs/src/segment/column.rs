//! One column of one block: filled line by line, written as bytes, read back.

use super::bytes::{Cursor, Fault, put};
use super::decimals::{Decimals, DecimalsBuilder};
use super::dictionary::Dictionary;
use super::tags::{self, TagSets};
use crate::amount::Number;
use crate::focus::Kind;
use hashbrown::HashMap;

/// Row to dictionary entry; 0 is null.
#[derive(Debug)]
pub(crate) enum Codes {
    /// All rows have the same.
    Constant(u16),
    /// Up to 255 entries.
    Narrow(Vec<u8>),
    /// Up to 65,535 entries.
    Wide(Vec<u16>),
}

impl Codes {
    pub(crate) fn get(&self, row: usize) -> usize {
        match self {
            Self::Constant(code) => usize::from(*code),
            Self::Narrow(codes) => usize::from(codes[row]),
            Self::Wide(codes) => usize::from(codes[row]),
        }
    }

    /// Calls `each` with row number and code.
    #[inline]
    pub(crate) fn for_each(&self, rows: usize, mut each: impl FnMut(usize, usize)) {
        match self {
            Self::Constant(code) => (0..rows).for_each(|row| each(row, usize::from(*code))),
            Self::Narrow(codes) => {
                let codes = codes.iter().enumerate();
                codes.for_each(|(row, code)| each(row, usize::from(*code)));
            }
            Self::Wide(codes) => {
                let codes = codes.iter().enumerate();
                codes.for_each(|(row, code)| each(row, usize::from(*code)));
            }
        }
    }

    fn write(codes: &[u16], entries: usize, out: &mut Vec<u8>) {
        let constant = codes
            .first()
            .filter(|first| codes.iter().all(|c| c == *first));
        if let Some(code) = constant {
            out.push(0);
            out.extend_from_slice(&code.to_le_bytes());
        } else if entries <= 255 {
            out.push(1);
            out.extend(codes.iter().map(|code| *code as u8));
        } else {
            out.push(2);
            for code in codes {
                out.extend_from_slice(&code.to_le_bytes());
            }
        }
    }

    fn read(from: &mut Cursor<'_>, rows: usize, entries: usize) -> Result<Self, Fault> {
        let codes = match from.u8()? {
            0 => {
                let bytes = from.take(2)?;
                Self::Constant(u16::from_le_bytes([bytes[0], bytes[1]]))
            }
            1 => Self::Narrow(from.take(rows)?.to_vec()),
            2 => {
                let pairs = from.take(rows * 2)?.chunks_exact(2);
                Self::Wide(
                    pairs
                        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                        .collect(),
                )
            }
            _ => return Err("a chunk has an unknown width"),
        };
        let highest = match &codes {
            Self::Constant(code) => usize::from(*code),
            Self::Narrow(codes) => usize::from(codes.iter().copied().max().unwrap_or(0)),
            Self::Wide(codes) => usize::from(codes.iter().copied().max().unwrap_or(0)),
        };
        if highest > entries {
            return Err("a code is beyond its dictionary");
        }
        Ok(codes)
    }
}

/// Texts in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    bytes: String,
    ends: Vec<u32>,
}

impl Strings {
    /// The text of a number counted from 0.
    pub(crate) fn get(&self, at: usize) -> &str {
        let start = if at == 0 {
            0
        } else {
            self.ends[at - 1] as usize
        };
        &self.bytes[start..self.ends[at] as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    pub(crate) fn read(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let count = from.count(4)?;
        let mut ends = Vec::with_capacity(count);
        for _ in 0..count {
            ends.push(from.u32()? as u32);
        }
        let length = ends.last().map_or(0, |end| *end as usize);
        let bytes = std::str::from_utf8(from.take(length)?).map_err(|_| "a text is not UTF-8")?;
        let rising = ends.windows(2).all(|pair| pair[0] <= pair[1]);
        if !rising || !ends.iter().all(|end| bytes.is_char_boundary(*end as usize)) {
            return Err("the texts of a dictionary overlap");
        }
        Ok(Self {
            bytes: bytes.to_owned(),
            ends,
        })
    }
}

/// A column of a block, read.
pub(crate) enum Chunk {
    /// Texts; code `n` is entry `n - 1`.
    Text(Codes, Strings),
    /// Milliseconds since 1970; code `n` is entry `n - 1`.
    Time(Codes, Vec<i64>),
    /// Numbers.
    Decimal(Decimals),
    /// Sets of tags; code `n` is set `n - 1`.
    Tags(Codes, TagSets),
}

impl Chunk {
    pub(crate) fn read(kind: Kind, rows: usize, bytes: &[u8]) -> Result<Self, Fault> {
        let from = &mut Cursor(bytes);
        Ok(match kind {
            Kind::Text => {
                let values = Strings::read(from)?;
                Self::Text(Codes::read(from, rows, values.len())?, values)
            }
            Kind::Time => {
                let count = from.count(8)?;
                let values = from.take(count * 8)?.chunks_exact(8);
                let values = values.map(|b| i64::from_le_bytes(b.try_into().unwrap_or_default()));
                let values: Vec<i64> = values.collect();
                Self::Time(Codes::read(from, rows, values.len())?, values)
            }
            Kind::Decimal => Self::Decimal(Decimals::read(from, rows)?),
            Kind::Tags => {
                let sets = TagSets::read(from)?;
                Self::Tags(Codes::read(from, rows, sets.len())?, sets)
            }
        })
    }
}

/// A column of a block while it is filled.
pub(crate) enum Builder {
    /// Texts and sets of tags (as JSON).
    Text {
        codes: Vec<u16>,
        dictionary: Dictionary,
        tags: bool,
    },
    /// Milliseconds since 1970.
    Time {
        codes: Vec<u16>,
        values: Vec<i64>,
        known: HashMap<i64, u16>,
    },
    /// Numbers.
    Decimal(DecimalsBuilder),
}

impl Builder {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Tags => Self::Text {
                codes: Vec::new(),
                dictionary: Dictionary::default(),
                tags: kind == Kind::Tags,
            },
            Kind::Time => Self::Time {
                codes: Vec::new(),
                values: Vec::new(),
                known: HashMap::new(),
            },
            Kind::Decimal => Self::Decimal(DecimalsBuilder::default()),
        }
    }

    pub(crate) fn text(&mut self, row: usize, text: &str) {
        if let Self::Text {
            codes, dictionary, ..
        } = self
        {
            codes.resize(row, 0);
            codes.push(dictionary.intern(text) as u16 + 1);
        }
    }

    pub(crate) fn time(&mut self, row: usize, at: i64) {
        if let Self::Time {
            codes,
            values,
            known,
        } = self
        {
            codes.resize(row, 0);
            let code = *known.entry(at).or_insert_with(|| {
                values.push(at);
                values.len() as u16
            });
            codes.push(code);
        }
    }

    pub(crate) fn number(&mut self, row: usize, number: Number) {
        if let Self::Decimal(decimals) = self {
            decimals.push(row, number);
        }
    }

    /// The bytes of the column for a block of so many rows.
    pub(crate) fn write(mut self, rows: usize) -> Vec<u8> {
        let mut out = Vec::new();
        match &mut self {
            Self::Text {
                codes,
                dictionary,
                tags,
            } => {
                codes.resize(rows, 0);
                if *tags {
                    tags::write(dictionary, &mut out);
                } else {
                    dictionary.write(&mut out);
                }
                Codes::write(codes, dictionary.len(), &mut out);
            }
            Self::Time { codes, values, .. } => {
                codes.resize(rows, 0);
                put(&mut out, values.len());
                for at in values.iter() {
                    out.extend_from_slice(&at.to_le_bytes());
                }
                Codes::write(codes, values.len(), &mut out);
            }
            Self::Decimal(decimals) => decimals.write(rows, &mut out),
        }
        out
    }
}
