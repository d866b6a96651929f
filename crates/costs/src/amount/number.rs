//! Numbers as they are read, in as few bytes as they need.

use super::{Amount, MOST_WHOLE, NotAnAmount, SCALE};

/// A number as it was read: small ones keep the digits they were written with, so that columns can
/// hold them in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// `mantissa × 10^-scale` without trailing zeros.
    Small(i64, u8),
    /// Whatever does not fit into eighteen digits.
    Large(Amount),
}

impl Number {
    /// Reads what [`Amount::parse`] reads; the flag says whether digits were rounded away.
    ///
    /// # Errors
    /// Those of [`Amount::parse`].
    pub fn parse(text: &str) -> Result<(Self, bool), NotAnAmount> {
        if let Some(small) = small(text.trim().as_bytes()) {
            return Ok((small, false));
        }
        Amount::parse(text).map(|(amount, rounded)| (Self::Large(amount), rounded))
    }

    /// The same as an amount.
    pub fn amount(self) -> Amount {
        match self {
            Self::Small(mantissa, scale) => {
                Amount(i128::from(mantissa) * 10_i128.pow(SCALE - u32::from(scale)))
            }
            Self::Large(amount) => amount,
        }
    }
}

impl From<Amount> for Number {
    fn from(amount: Amount) -> Self {
        let (mut mantissa, mut scale) = (amount.0, SCALE as u8);
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        i64::try_from(mantissa).map_or(Self::Large(amount), |small| Self::Small(small, scale))
    }
}

/// Plain digits with at most one point, up to eighteen digits in all and fifteen before the point.
fn small(text: &[u8]) -> Option<Number> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    let (mut mantissa, mut scale, mut point) = (0_i64, 0_u8, false);
    if digits.len() > 19 || digits.is_empty() || digits == b"." {
        return None;
    }
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .checked_mul(10)?
                    .checked_add(i64::from(byte - b'0'))?;
                scale += u8::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    if digits.len() - usize::from(scale) > MOST_WHOLE || scale > 18 {
        return None;
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Some(Number::Small(
        if negative { -mantissa } else { mantissa },
        scale,
    ))
}
