//! What block storage beside a machine costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::offer::Exactness;
use crate::transfer::BILLED_GIGABYTE;
use crate::{ByteSize, Money, Span};

/// Milliseconds of the month that storage is billed by: 730 hours.
const BILLED_MONTH: i64 = 730 * 3_600_000;

/// The price of one kind of disk in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskPrice {
    /// The provider's name of the kind, such as `gp3`.
    pub kind: Arc<str>,
    /// Dollars for a billed gigabyte (2^30 bytes) and a month of 730 hours.
    pub per_gigabyte_month: Money,
    /// The smallest disk that is sold, in billed gigabytes.
    pub minimum_gigabytes: u64,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

impl DiskPrice {
    /// Price of a disk of `size` for `span`: whole gigabytes, rounded up to the next millionth of
    /// a dollar; the largest amount there is when it does not fit.
    pub fn cost(&self, size: ByteSize, span: Span) -> Money {
        let gigabytes = size.0.div_ceil(BILLED_GIGABYTE).max(self.minimum_gigabytes);
        let milliseconds = u128::from(span.0.max(0).unsigned_abs());
        let price = u128::from(self.per_gigabyte_month.micros.max(0).unsigned_abs());
        let product = u128::from(gigabytes)
            .saturating_mul(price)
            .saturating_mul(milliseconds);
        let micros = product.div_ceil(u128::from(BILLED_MONTH.unsigned_abs()));
        Money::micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// Disk prices of all providers, cheapest kind first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskPrices {
    regional: BTreeMap<(Arc<str>, Arc<str>), Vec<DiskPrice>>,
    elsewhere: BTreeMap<Arc<str>, Vec<DiskPrice>>,
}

impl DiskPrices {
    /// Adds a price for a region, or for all regions of the provider without one of their own.
    pub fn insert(&mut self, provider: &str, region: Option<&str>, price: DiskPrice) {
        let prices = match region {
            Some(region) => self
                .regional
                .entry((provider.into(), region.into()))
                .or_default(),
            None => self.elsewhere.entry(provider.into()).or_default(),
        };
        prices.push(price);
        prices
            .sort_by(|a, b| (a.per_gigabyte_month, &a.kind).cmp(&(b.per_gigabyte_month, &b.kind)));
    }

    /// Kinds of disk in a region, cheapest first; empty when nothing is known about the provider.
    pub fn of(&self, provider: &str, region: &str) -> &[DiskPrice] {
        let own = self.regional.get(&(provider.into(), region.into()));
        own.or_else(|| self.elsewhere.get(provider))
            .map_or(&[], Vec::as_slice)
    }

    /// All prices by provider and region, cheapest kind first; no region stands for all regions of
    /// the provider without an entry of their own.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>, &[DiskPrice])> {
        let elsewhere = self
            .elsewhere
            .iter()
            .map(|(provider, it)| (&**provider, None, &**it));
        let regional = self.regional.iter();
        elsewhere.chain(regional.map(|((provider, code), it)| (&**provider, Some(&**code), &**it)))
    }

    /// The cheapest kind of disk in a region.
    pub fn cheapest(&self, provider: &str, region: &str) -> Option<&DiskPrice> {
        self.of(provider, region).first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(kind: &str, micros: i64) -> DiskPrice {
        DiskPrice {
            kind: kind.into(),
            per_gigabyte_month: Money::micros(micros),
            minimum_gigabytes: 10,
            exactness: Exactness::Exact,
            source: "list".into(),
            as_of: Day::from_days(0),
        }
    }

    #[test]
    fn a_month_of_a_hundred_gigabytes() {
        let disk = price("gp3", 80_000);
        let size = ByteSize(100 << 30);
        assert_eq!(disk.cost(size, Span::hours(730)), Money::dollars(8));
        assert_eq!(
            disk.cost(ByteSize(1), Span::hours(730)),
            Money::micros(800_000)
        );
        assert_eq!(disk.cost(size, Span::ZERO), Money::ZERO);
        assert!(disk.cost(ByteSize(u64::MAX), Span(i64::MAX)).micros > 0);
    }

    #[test]
    fn a_region_of_its_own_comes_first() {
        let mut prices = DiskPrices::default();
        prices.insert("a", None, price("slow", 40));
        prices.insert("a", None, price("slower", 30));
        prices.insert("a", Some("r"), price("fast", 50));
        assert_eq!(prices.cheapest("a", "r").map(|it| &*it.kind), Some("fast"));
        assert_eq!(
            prices.cheapest("a", "x").map(|it| &*it.kind),
            Some("slower")
        );
        assert!(prices.of("b", "r").is_empty());
    }
}
