//! Money in integer micro-dollars: sums are exact and every machine gets the same.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// An amount in US dollars, in millionths. Negative for credits.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Money {
    /// Millionths of a dollar.
    pub micros: i64,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self { micros: 0 };

    /// From millionths of a dollar.
    pub const fn micros(micros: i64) -> Self {
        Self { micros }
    }

    /// From whole dollars.
    pub const fn dollars(dollars: i64) -> Self {
        Self {
            micros: dollars.saturating_mul(1_000_000),
        }
    }

    /// Reads `20`, `0.0416`, `$3.50`, `20 USD`; at most six decimals are kept, more are rounded
    /// half up. Other currencies, signs and exponents are refused.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let text = text.strip_suffix("USD").unwrap_or(text).trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let mut micros: i64 = 0;
        for place in 0..6 {
            let digit = fraction
                .as_bytes()
                .get(place)
                .map_or(0, |b| i64::from(b - b'0'));
            micros = micros * 10 + digit;
        }
        if fraction.as_bytes().get(6).is_some_and(|b| *b >= b'5') {
            micros += 1;
        }
        Some(Self {
            micros: whole.checked_mul(1_000_000)?.checked_add(micros)?,
        })
    }

    /// This price per hour for the given time, rounded up to the next micro-dollar; `None` when
    /// it does not fit.
    pub fn per_hour_for(self, span: crate::Span) -> Option<Self> {
        let product = i128::from(self.micros) * i128::from(span.0);
        let hour = 3_600_000_i128;
        let micros = product.div_euclid(hour) + i128::from(product.rem_euclid(hour) != 0);
        i64::try_from(micros).ok().map(Self::micros)
    }

    /// This amount so many times; `None` when it does not fit.
    pub fn checked_times(self, n: i64) -> Option<Self> {
        self.micros.checked_mul(n).map(Self::micros)
    }

    /// The sum; `None` when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.micros.checked_add(other.micros).map(Self::micros)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            micros: self.micros.saturating_add(other.micros),
        }
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            micros: self.micros.saturating_sub(other.micros),
        }
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        let (dollars, rest) = (micros / 1_000_000, micros % 1_000_000);
        if rest.is_multiple_of(10_000) {
            write!(f, "{sign}${dollars}.{:02}", rest / 10_000)
        } else {
            let text = format!("{rest:06}");
            write!(f, "{sign}${dollars}.{}", text.trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn reads_and_prints() {
        assert_eq!(Money::parse("20 USD"), Some(Money::dollars(20)));
        assert_eq!(Money::parse("$0.0416").unwrap().to_string(), "$0.0416");
        assert_eq!(Money::parse("0.0000005"), Some(Money::micros(1)));
        for bad in ["", ".", "-1", "1e3", "20 EUR", "NaN", "1.2.3"] {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn hourly_prices_round_up() {
        assert_eq!(
            Money::micros(1).per_hour_for(Span::seconds(1)),
            Some(Money::micros(1))
        );
        assert_eq!(
            Money::dollars(1).per_hour_for(Span::hours(2)),
            Some(Money::dollars(2))
        );
        assert_eq!(Money::micros(i64::MAX).per_hour_for(Span::hours(2)), None);
    }
}
