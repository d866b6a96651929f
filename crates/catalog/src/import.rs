//! From price lists of others to rows that the plausibility rules can judge.
//!
//! Only `catalog build` and `catalog refresh` come here; a normal start reads the result.

pub mod aws;
pub mod azure;
mod currency;
pub mod google;
mod list;
pub mod transfer;

use std::sync::Arc;

use domain::offer::{Machine, Source, SourceId, TableError};

pub use currency::{ExchangeRate, ExchangeRates};
pub(crate) use list::List;

/// A figure as the list has it: nothing is known yet about whether it makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The number as written.
    pub text: String,
    /// ISO 4217 code.
    pub currency: Arc<str>,
}

impl Figure {
    /// A figure in US dollars; `None` for an empty cell.
    pub fn dollars(text: &str, currency: &Arc<str>) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            currency: currency.clone(),
        })
    }
}

/// One row of a price list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub machine: Machine,
    /// The provider's region code.
    pub region: Arc<str>,
    /// The provider's zone code; empty for the whole region.
    pub zone: Arc<str>,
    /// Figures by [`domain::offer::Purchase`].
    pub figures: [Option<Figure>; 4],
    /// Their sources.
    pub sources: [SourceId; 4],
    /// Upper edge of the interruption band in per cent.
    pub interruption_percent: Option<u8>,
}

/// Rows and sources of several lists, before they are judged.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows in the order of the lists.
    pub rows: Vec<Row>,
    /// Sources; [`SourceId`] is the position.
    pub sources: Vec<Source>,
}

impl Rows {
    /// Registers a source, or finds it again.
    pub fn source(&mut self, source: Source) -> Result<SourceId, TableError> {
        let known = self.sources.iter().position(|it| *it == source);
        let index = known.unwrap_or(self.sources.len());
        let id = u16::try_from(index).map_err(|_| TableError::TooMany { column: "sources" })?;
        if known.is_none() {
            self.sources.push(source);
        }
        Ok(SourceId(id))
    }
}

/// Reads gibibytes such as `1.5` into bytes.
pub(crate) fn gibibytes(text: &str) -> Option<u64> {
    scaled(text, 1000).map(|milli| (u128::from(milli) * (1 << 30) / 1000) as u64)
}

/// Reads a plain decimal times `scale`, rounded to the nearest whole.
pub(crate) fn scaled(text: &str, scale: u32) -> Option<u64> {
    let number: f64 = text.trim().parse().ok()?;
    let value = (number * f64::from(scale)).round();
    (value.is_finite() && (0.0..1e15).contains(&value)).then_some(value as u64)
}
