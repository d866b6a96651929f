//! Decimals of a block as integers at the block's scale, in as few bytes as the largest needs.

use super::bytes::{Cursor, Fault};
use crate::amount::{Amount, Number, SCALE};

/// The integers.
#[derive(Debug)]
pub(crate) enum Mantissas {
    /// All are zero or null.
    Zero,
    /// Up to eighteen digits.
    Small(Vec<i64>),
    /// More.
    Large(Vec<i128>),
}

/// Decimals, read.
#[derive(Debug)]
pub(crate) struct Decimals {
    /// One unit of a mantissa is 10^-scale.
    pub(crate) scale: u8,
    /// Zero where null.
    pub(crate) mantissas: Mantissas,
    /// A bit per row; unset when no row is null.
    nulls: Option<Vec<u8>>,
}

impl Decimals {
    /// Atoms of an [`Amount`] in one unit of a mantissa.
    pub(crate) fn factor(&self) -> i128 {
        10_i128.pow(SCALE.saturating_sub(u32::from(self.scale)))
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        let nulls = self.nulls.as_ref();
        nulls.is_some_and(|bits| bits[row / 8] & (1 << (row % 8)) != 0)
    }

    pub(crate) fn get(&self, row: usize) -> Option<Amount> {
        if self.is_null(row) {
            return None;
        }
        let mantissa = match &self.mantissas {
            Mantissas::Zero => 0,
            Mantissas::Small(values) => i128::from(values[row]),
            Mantissas::Large(values) => values[row],
        };
        Some(Amount::from_atoms(mantissa * self.factor()))
    }

    /// The largest mantissa without its sign, in atoms.
    pub(crate) fn largest(&self) -> u128 {
        let largest = match &self.mantissas {
            Mantissas::Zero => 0,
            Mantissas::Small(values) => {
                let largest = values.iter().map(|value| value.unsigned_abs()).max();
                u128::from(largest.unwrap_or(0))
            }
            Mantissas::Large(values) => values.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0),
        };
        largest.saturating_mul(self.factor().unsigned_abs())
    }

    pub(crate) fn read(from: &mut Cursor<'_>, rows: usize) -> Result<Self, Fault> {
        let (scale, width, has_nulls) = (from.u8()?, from.u8()?, from.u8()?);
        if u32::from(scale) > SCALE {
            return Err("a scale is out of range");
        }
        let nulls = match has_nulls {
            0 => None,
            _ => Some(from.take(rows.div_ceil(8))?.to_vec()),
        };
        let bytes = from.take(rows * usize::from(width))?;
        let mantissas = match width {
            0 => Mantissas::Zero,
            1 => Mantissas::Small(bytes.iter().map(|b| i64::from(*b as i8)).collect()),
            2 => {
                let values = bytes.chunks_exact(2);
                let values = values.map(|b| i64::from(i16::from_le_bytes([b[0], b[1]])));
                Mantissas::Small(values.collect())
            }
            4 => {
                let values = bytes.chunks_exact(4);
                let values =
                    values.map(|b| i64::from(i32::from_le_bytes([b[0], b[1], b[2], b[3]])));
                Mantissas::Small(values.collect())
            }
            8 => {
                let values = bytes.chunks_exact(8);
                let values = values.map(|b| i64::from_le_bytes(b.try_into().unwrap_or_default()));
                Mantissas::Small(values.collect())
            }
            16 => {
                let values = bytes.chunks_exact(16);
                let values = values.map(|b| i128::from_le_bytes(b.try_into().unwrap_or_default()));
                Mantissas::Large(values.collect())
            }
            _ => return Err("a number has an unknown width"),
        };
        Ok(Self {
            scale,
            mantissas,
            nulls,
        })
    }
}

/// Decimals while a block is filled: small ones at a running scale, all as atoms as soon as one
/// does not fit.
#[derive(Default)]
pub(crate) struct DecimalsBuilder {
    scale: u8,
    small: Vec<i64>,
    large: Option<Vec<i128>>,
    nulls: Vec<u32>,
}

impl DecimalsBuilder {
    fn len(&self) -> usize {
        self.large.as_ref().map_or(self.small.len(), Vec::len)
    }

    fn pad(&mut self, rows: usize) {
        for row in self.len()..rows {
            self.nulls.push(row as u32);
            match &mut self.large {
                Some(large) => large.push(0),
                None => self.small.push(0),
            }
        }
    }

    pub(crate) fn push(&mut self, row: usize, number: Number) {
        self.pad(row);
        if self.large.is_none()
            && let Some(mantissa) = self.at_scale(number)
        {
            return self.small.push(mantissa);
        }
        let scale = 10_i128.pow(SCALE - u32::from(self.scale));
        let small = &mut self.small;
        let large = self
            .large
            .get_or_insert_with(|| small.drain(..).map(|m| i128::from(m) * scale).collect());
        large.push(number.amount().atoms());
    }

    /// The mantissa at the running scale, which is raised when it must be.
    fn at_scale(&mut self, number: Number) -> Option<i64> {
        let Number::Small(mantissa, scale) = number else {
            return None;
        };
        if scale <= self.scale {
            return mantissa.checked_mul(10_i64.checked_pow(u32::from(self.scale - scale))?);
        }
        let raise = 10_i64.checked_pow(u32::from(scale - self.scale))?;
        let limit = i64::MAX / raise;
        if self
            .small
            .iter()
            .any(|value| value.unsigned_abs() > limit as u64)
        {
            return None;
        }
        self.small.iter_mut().for_each(|value| *value *= raise);
        self.scale = scale;
        Some(mantissa)
    }

    pub(crate) fn write(&mut self, rows: usize, out: &mut Vec<u8>) {
        self.pad(rows);
        let largest = self
            .small
            .iter()
            .map(|v| v.unsigned_abs())
            .max()
            .unwrap_or(0);
        let (scale, width) = match (&self.large, largest) {
            (Some(_), _) => (SCALE as u8, 16),
            (None, 0) => (0, 0),
            (None, 1..=0x7f) => (self.scale, 1),
            (None, 0x80..=0x7fff) => (self.scale, 2),
            (None, 0x8000..=0x7fff_ffff) => (self.scale, 4),
            (None, _) => (self.scale, 8),
        };
        out.extend_from_slice(&[scale, width, u8::from(!self.nulls.is_empty())]);
        if !self.nulls.is_empty() {
            let mut bits = vec![0_u8; rows.div_ceil(8)];
            for row in &self.nulls {
                bits[*row as usize / 8] |= 1 << (row % 8);
            }
            out.extend_from_slice(&bits);
        }
        if let Some(large) = &self.large {
            for value in large {
                out.extend_from_slice(&value.to_le_bytes());
            }
        } else {
            let bytes = self.small.iter().map(|value| value.to_le_bytes());
            bytes.for_each(|bytes| out.extend_from_slice(&bytes[..usize::from(width)]));
        }
    }
}
