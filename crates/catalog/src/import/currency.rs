//! Prices in other currencies count only with a rate that has a date and a source.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::day::Day;

/// What one unit of a currency was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRate {
    /// Micro-dollars for one unit.
    pub micros: i64,
    /// The day of the rate.
    pub as_of: Day,
    /// Who published it.
    pub source: Arc<str>,
}

/// Rates by ISO 4217 code; US dollars need none.
#[derive(Clone, Debug, Default)]
pub struct ExchangeRates {
    known: BTreeMap<String, ExchangeRate>,
}

impl ExchangeRates {
    /// Adds a rate; one that is not positive is worth nothing and is not taken.
    pub fn insert(&mut self, currency: &str, rate: ExchangeRate) {
        if rate.micros > 0 {
            self.known.insert(currency.to_ascii_uppercase(), rate);
        }
    }

    /// The rate of a currency.
    pub fn get(&self, currency: &str) -> Option<&ExchangeRate> {
        self.known.get(&currency.to_ascii_uppercase())
    }
}
