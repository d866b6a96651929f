//! What changed between two catalogs.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Money;
use domain::offer::{Machine, OfferTable, Purchase};
use serde::Serialize;

use crate::Catalog;
use crate::plausibility::Quarantined;

/// A price that is another now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Provider.
    pub provider: Arc<str>,
    /// Machine type.
    pub machine: Arc<str>,
    /// Accelerators, such as `8 H100`.
    pub accelerators: Option<String>,
    /// Region code.
    pub region: Arc<str>,
    /// Zone code; empty for the whole region.
    pub zone: Arc<str>,
    /// Which price.
    pub purchase: Purchase,
    /// Before; `None` when it was not sold that way.
    pub before: Option<Money>,
    /// Now; `None` when it is not sold that way any more.
    pub now: Option<Money>,
    /// Change in thousandths of the earlier price, where there are both.
    pub per_mille: Option<i64>,
}

/// The differences, ordered by provider, machine, region, zone and purchase kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Prices of offers that both catalogs have.
    pub changed: Vec<Changed>,
    /// Prices of offers that are new.
    pub added: Vec<Changed>,
    /// Prices of offers that are gone.
    pub removed: Vec<Changed>,
    /// Figures that were set aside since.
    pub quarantined: Vec<Quarantined>,
    /// Figures that are believed again, or no longer listed.
    pub released: Vec<Quarantined>,
}

type Key<'a> = (&'a Machine, &'a str, &'a str);

/// Compares two catalogs offer by offer.
pub fn diff(before: &Catalog, now: &Catalog) -> Difference {
    let (old, new) = (index(before.offers()), index(now.offers()));
    let mut difference = Difference::default();
    for (key, row) in &old {
        let other = new.get(key);
        for purchase in Purchase::ALL {
            let was = price(before, *row, purchase);
            let is = other.and_then(|row| price(now, *row, purchase));
            if was == is {
                continue;
            }
            let list = if other.is_some() {
                &mut difference.changed
            } else {
                &mut difference.removed
            };
            list.push(changed(key, purchase, was, is));
        }
    }
    for (key, row) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        for purchase in Purchase::ALL {
            if let Some(is) = price(now, *row, purchase) {
                difference
                    .added
                    .push(changed(key, purchase, None, Some(is)));
            }
        }
    }
    let fresh = |it: &&Quarantined| before.quarantined().binary_search(it).is_err();
    difference.quarantined = now.quarantined().iter().filter(fresh).cloned().collect();
    let gone = |it: &&Quarantined| now.quarantined().binary_search(it).is_err();
    difference.released = before.quarantined().iter().filter(gone).cloned().collect();
    difference
}

fn index(offers: &OfferTable) -> BTreeMap<Key<'_>, usize> {
    let key = |row: domain::offer::OfferRef<'_>| row.row();
    offers
        .iter()
        .map(|row| ((row.machine(), row.region(), row.zone()), key(row)))
        .collect()
}

fn price(catalog: &Catalog, row: usize, purchase: Purchase) -> Option<Money> {
    catalog
        .offers()
        .price(row, purchase)
        .map(|quote| quote.per_hour)
}

fn changed(
    (machine, region, zone): &Key<'_>,
    purchase: Purchase,
    before: Option<Money>,
    now: Option<Money>,
) -> Changed {
    let per_mille = before.zip(now).map(|(before, now)| {
        let change = i128::from(now.micros) - i128::from(before.micros);
        i64::try_from(change * 1000 / i128::from(before.micros.max(1))).unwrap_or(i64::MAX)
    });
    Changed {
        provider: machine.provider.clone(),
        machine: machine.name.clone(),
        accelerators: machine.accelerator.as_ref().map(ToString::to_string),
        region: (*region).into(),
        zone: (*zone).into(),
        purchase,
        before,
        now,
        per_mille,
    }
}
