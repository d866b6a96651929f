//! Shares of traffic or cost in hundredths of a per cent, so that they add up exactly.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A share between 0 and 100 per cent, in hundredths of a per cent (0..=10,000).
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
#[serde(try_from = "u16", into = "u16")]
#[schemars(with = "u16")]
pub struct Share(u16);

impl Share {
    /// Everything.
    pub const ALL: Self = Self(10_000);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// From whole per cent, 0 to 100.
    pub fn percent(percent: u16) -> Option<Self> {
        (percent <= 100).then(|| Self(percent * 100))
    }

    /// Hundredths of a per cent, 0 to 10,000.
    pub fn basis_points(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Share {
    type Error = &'static str;
    fn try_from(basis_points: u16) -> Result<Self, Self::Error> {
        if basis_points > 10_000 {
            return Err("a share is at most 10000 basis points");
        }
        Ok(Self(basis_points))
    }
}

impl From<Share> for u16 {
    fn from(share: Share) -> u16 {
        share.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(100) {
            write!(f, "{}%", self.0 / 100)
        } else {
            write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
        }
    }
}
