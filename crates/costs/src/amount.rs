//! Decimal amounts with a fixed scale: every addition of money and quantities is exact, and every
//! machine gets the same. No float takes part.

mod arithmetic;
mod number;
mod operators;

pub use number::Number;

use arithmetic::{divide, multiply_divide};

/// Digits behind the decimal point that are kept.
pub const SCALE: u32 = 18;

const ONE: i128 = 1_000_000_000_000_000_000;

/// Most digits before the decimal point of one line's value.
const MOST_WHOLE: usize = 15;

/// A decimal number: a count of 10⁻¹⁸, up to 1.7 × 10²⁰ either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i128);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// Not digits with a point and perhaps an exponent.
    #[error("is not a decimal number")]
    Form,
    /// More than fifteen digits before the point.
    #[error("is a number too large to be an amount")]
    Size,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(ONE);

    /// From a count of 10⁻¹⁸.
    pub const fn from_atoms(atoms: i128) -> Self {
        Self(atoms)
    }

    /// The count of 10⁻¹⁸.
    pub const fn atoms(self) -> i128 {
        self.0
    }

    /// From a whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number as i128 * ONE)
    }

    /// `numerator / denominator`, rounded half away from zero; zero when the denominator is.
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        Self(multiply_divide(numerator, ONE, denominator))
    }

    /// From a float that a foreign file holds, by its shortest decimal writing.
    ///
    /// # Errors
    /// When it is not finite or too large.
    pub fn from_float(value: f64) -> Result<Self, NotAnAmount> {
        if !value.is_finite() {
            return Err(NotAnAmount::Form);
        }
        Self::parse(&format!("{value}")).map(|(amount, _)| amount)
    }

    /// Reads `12.5`, `-0.00000080000`, `1E-7`. Digits beyond the eighteenth decimal are rounded half
    /// away from zero; the flag says whether that changed the value.
    ///
    /// # Errors
    /// When it is no decimal number or has more than fifteen digits before the point.
    pub fn parse(text: &str) -> Result<(Self, bool), NotAnAmount> {
        let bytes = text.trim().as_bytes();
        let (negative, digits) = match bytes.first() {
            Some(b'-') => (true, &bytes[1..]),
            Some(b'+') => (false, &bytes[1..]),
            _ => (false, bytes),
        };
        let (mantissa, exponent) = exponent(digits)?;
        let point = mantissa.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
            None => (mantissa, &mantissa[..0]),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(NotAnAmount::Form);
        }
        let (atoms, rounded) = gather(whole, fraction, exponent)?;
        Ok((Self(if negative { -atoms } else { atoms }), rounded))
    }

    /// This times `by`, rounded half away from zero; saturates.
    pub fn times(self, by: Self) -> Self {
        Self(multiply_divide(self.0, by.0, ONE))
    }

    /// This times `n / d`, rounded half away from zero; zero when `d` is.
    pub fn part(self, n: i128, d: i128) -> Self {
        Self(multiply_divide(self.0, n, d))
    }

    /// This divided by `by`; `None` when that is zero.
    pub fn over(self, by: Self) -> Option<Self> {
        (by.0 != 0).then(|| Self(multiply_divide(self.0, ONE, by.0)))
    }

    /// Rounded half away from zero to so many decimals.
    pub fn rounded(self, decimals: u32) -> Self {
        let unit = 10_i128.pow(SCALE - decimals.min(SCALE));
        Self(divide(self.0, unit).saturating_mul(unit))
    }

    /// For statistics and charts only, never for money that is summed.
    pub fn approximate(self) -> f64 {
        self.0 as f64 / ONE as f64
    }

    /// The nearest amount to an estimate; zero when that is not finite.
    pub fn estimated(value: f64) -> Self {
        if value.is_finite() && value.abs() < 1e14 {
            Self((value * 1e6).round() as i128 * (ONE / 1_000_000))
        } else {
            Self::ZERO
        }
    }

    /// The size without the sign.
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// With two to six decimals, for people.
    pub fn for_people(self) -> String {
        let places = if self.0.abs() >= ONE / 100 || self.0 == 0 {
            2
        } else {
            6
        };
        let text = self.rounded(places).to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        format!("{whole}.{fraction:0<2}")
    }
}

/// Splits `12.5e-3` into its digits and its exponent.
fn exponent(text: &[u8]) -> Result<(&[u8], i32), NotAnAmount> {
    let Some(at) = text.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Ok((text, 0));
    };
    let exponent = std::str::from_utf8(&text[at + 1..]).ok();
    let exponent: i32 = exponent
        .and_then(|text| text.parse().ok())
        .ok_or(NotAnAmount::Form)?;
    if !(-400..=400).contains(&exponent) {
        return Err(NotAnAmount::Size);
    }
    Ok((&text[..at], exponent))
}

/// The atoms of the digits, each at its decimal place, and whether any was rounded away.
fn gather(whole: &[u8], fraction: &[u8], exponent: i32) -> Result<(i128, bool), NotAnAmount> {
    let (mut atoms, mut rounded, mut up) = (0_i128, false, false);
    let mut place = whole.len() as i64 - 1 + i64::from(exponent);
    let mut last = i64::from(exponent) - fraction.len() as i64;
    for byte in whole.iter().chain(fraction) {
        if !byte.is_ascii_digit() {
            return Err(NotAnAmount::Form);
        }
        let digit = i128::from(byte - b'0');
        if place < -i64::from(SCALE) {
            up |= place == -i64::from(SCALE) - 1 && digit >= 5;
            rounded |= digit != 0;
        } else {
            if digit != 0 && place >= MOST_WHOLE as i64 {
                return Err(NotAnAmount::Size);
            }
            atoms = atoms * 10 + digit;
        }
        place -= 1;
    }
    last = last.max(-i64::from(SCALE));
    let shift = last + i64::from(SCALE);
    if shift > 0 && atoms != 0 {
        atoms *= 10_i128.pow(shift as u32);
    }
    Ok((atoms + i128::from(up), rounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_bills_hold_and_prints_it_back() {
        for (text, printed) in [
            ("0.00000080000", "0.0000008"),
            ("-12.50", "-12.5"),
            ("1E-7", "0.0000001"),
            ("2.5e3", "2500"),
            ("0e30", "0"),
            (".5", "0.5"),
            ("7.", "7"),
            ("123456789012345", "123456789012345"),
            ("+1", "1"),
            ("0.0000000000000000005", "0.000000000000000001"),
        ] {
            assert_eq!(amount(text).to_string(), printed, "{text}");
        }
        for bad in ["", "-", ".", "1.2.3", "1,5", "NaN", "0x1", "1e", "--1"] {
            assert_eq!(Amount::parse(bad), Err(NotAnAmount::Form), "{bad}");
        }
        assert_eq!(Amount::parse("1000000000000000"), Err(NotAnAmount::Size));
        assert_eq!(Amount::parse("1e999"), Err(NotAnAmount::Size));
        assert!(Amount::parse("0.1234567890123456789").unwrap().1);
        assert!(!Amount::parse("0.1234567890123456780").unwrap().1);
    }

    #[test]
    fn multiplies_and_divides_with_rounding_away_from_zero() {
        assert_eq!(amount("0.0416").times(amount("3")), amount("0.1248"));
        assert_eq!(amount("-1").part(1, 3).to_string(), "-0.333333333333333333");
        assert_eq!(amount("-2").part(1, 3).to_string(), "-0.666666666666666667");
        assert_eq!(amount("1").over(Amount::ZERO), None);
        assert_eq!(amount("10").over(amount("4")), Some(amount("2.5")));
        assert_eq!(
            amount("100000").times(amount("100000")),
            amount("10000000000")
        );
        assert_eq!(
            amount("200").over(amount("3")).unwrap().to_string(),
            "66.666666666666666667"
        );
        assert_eq!(
            amount("12345678.9").times(amount("-9876.54321")),
            amount("-121932631112.635269")
        );
        assert_eq!(
            amount("100000000000000").part(1, 7).to_string(),
            "14285714285714.285714285714285714"
        );
        assert_eq!(amount("2.345").rounded(2), amount("2.35"));
        assert_eq!(amount("0.0004").for_people(), "0.0004");
        assert_eq!(amount("3").for_people(), "3.00");
    }
}
