//! What disks cost.

use domain::disk::{DiskPrice, DiskPrices};

use super::{day, dollars, exactness};
use crate::Error;
use crate::import::List;

pub(super) const TABLE: &str = include_str!("../../data/disks.csv");

/// The embedded table of disk prices.
pub fn disks() -> Result<DiskPrices, Error> {
    let list = List::read("disks.csv", TABLE.as_bytes())?;
    let columns = list.columns([
        "provider",
        "kind",
        "region",
        "usd_per_gb_month",
        "minimum_gb",
        "exactness",
        "as_of",
        "source",
    ])?;
    let [provider, kind, region, price, minimum, exact, as_of, source] = columns;
    let mut prices = DiskPrices::default();
    for line in list.lines() {
        let region = Some(line.cell(region)).filter(|code| *code != "*");
        let price = DiskPrice {
            kind: line.cell(kind).into(),
            per_gigabyte_month: line.parse(price, dollars)?,
            minimum_gigabytes: line.parse(minimum, |text| text.parse().ok())?,
            exactness: line.parse(exact, exactness)?,
            source: line.cell(source).into(),
            as_of: line.parse(as_of, day)?,
        };
        prices.insert(line.cell(provider), region, price);
    }
    Ok(prices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_a_disk_everywhere() {
        let prices = disks().unwrap();
        for provider in ["aws", "azure", "google"] {
            let cheapest = prices.cheapest(provider, "nowhere-1").unwrap();
            assert!(cheapest.per_gigabyte_month.micros >= 40_000, "{provider}");
        }
        let virginia = prices.cheapest("aws", "us-east-1").unwrap();
        assert_eq!(virginia.per_gigabyte_month.micros, 80_000);
    }
}
