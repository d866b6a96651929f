//! From rows in any order to the sorted table.

use std::collections::BTreeMap;

use super::{
    OfferColumns, OfferRef, OfferTable, ServiceRate, SourceId, TableError, UNKNOWN_PERCENT,
};
use crate::offer::{Machine, Offer, Purchase, Source};

/// Collects rows, sources and service rates; the result does not depend on the order of the rows.
#[derive(Clone, Debug, Default)]
pub struct OfferTableBuilder {
    offers: Vec<Offer>,
    sources: Vec<Source>,
    rates: Vec<(Machine, ServiceRate)>,
}

impl OfferTableBuilder {
    /// Starts from the offers of an existing table, to add more.
    pub fn from_table(table: &OfferTable) -> Self {
        let offers = table.iter().map(OfferRef::to_offer).collect();
        let columns = table.columns();
        let mut rates = Vec::new();
        for (machine, of_machine) in columns.machines.iter().zip(&columns.rates) {
            for rate in of_machine {
                rates.push((machine.clone(), rate.clone()));
            }
        }
        Self {
            offers,
            sources: columns.sources.clone(),
            rates,
        }
    }

    /// Registers a source, or finds it again; the id is what rows carry.
    pub fn source(&mut self, source: Source) -> Result<SourceId, TableError> {
        let known = self.sources.iter().position(|it| *it == source);
        let index = known.unwrap_or(self.sources.len());
        let id = u16::try_from(index).map_err(|_| TableError::TooMany { column: "sources" })?;
        if known.is_none() {
            self.sources.push(source);
        }
        Ok(SourceId(id))
    }

    /// Adds a row.
    pub fn push(&mut self, offer: Offer) {
        self.offers.push(offer);
    }

    /// States what a managed service asks for a machine; without effect when no row has it.
    pub fn rate(&mut self, machine: Machine, rate: ServiceRate) {
        self.rates.push((machine, rate));
    }

    /// Sorts, interns and checks. A second row for the same machine, region and zone is an
    /// [`TableError::Order`] error: which of two prices holds is for the caller to say.
    pub fn build(mut self) -> Result<OfferTable, TableError> {
        self.offers.sort_by(|a, b| {
            (&a.machine, &a.region, &a.zone).cmp(&(&b.machine, &b.region, &b.zone))
        });
        let regions = intern(
            self.offers
                .iter()
                .map(|offer| (offer.machine.provider.clone(), offer.region.clone())),
        );
        let zones = intern(self.offers.iter().map(|offer| offer.zone.clone()));
        let mut columns = OfferColumns {
            sources: self.sources,
            ..OfferColumns::default()
        };
        for offer in self.offers {
            let place = (offer.machine.provider.clone(), offer.region);
            columns.region.push(narrow(regions[&place], "regions")?);
            columns.zone.push(narrow(zones[&offer.zone], "zones")?);
            for purchase in Purchase::ALL {
                let at = purchase.index();
                columns.push_price(purchase, offer.prices[at], offer.sources[at]);
            }
            columns
                .interruption
                .push(offer.interruption_percent.unwrap_or(UNKNOWN_PERCENT));
            if columns.machines.last() != Some(&offer.machine) {
                columns.machines.push(offer.machine);
            }
            columns.machine.push((columns.machines.len() - 1) as u32);
        }
        columns.regions = regions.into_keys().collect();
        columns.zones = zones.into_keys().collect();
        columns.rates = vec![Vec::new(); columns.machines.len()];
        for (machine, rate) in self.rates {
            if let Ok(index) = columns.machines.binary_search(&machine) {
                columns.rates[index].push(rate);
            }
        }
        for rates in &mut columns.rates {
            rates.sort_by(|a, b| a.service.cmp(&b.service));
        }
        OfferTable::from_columns(columns)
    }
}

fn intern<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut found: BTreeMap<K, usize> = keys.map(|key| (key, 0)).collect();
    for (index, value) in found.values_mut().enumerate() {
        *value = index;
    }
    found
}

fn narrow(index: usize, column: &'static str) -> Result<u16, TableError> {
    u16::try_from(index).map_err(|_| TableError::TooMany { column })
}

/// Checks lengths, indices and order, so that later access by row cannot fail.
pub(super) fn check(columns: &OfferColumns) -> Result<(), TableError> {
    let expected = columns.machine.len();
    if u32::try_from(expected).is_err() {
        return Err(TableError::TooMany { column: "rows" });
    }
    let lengths = [
        ("region", columns.region.len()),
        ("zone", columns.zone.len()),
        ("interruption", columns.interruption.len()),
    ];
    let prices = columns.prices.iter().map(|column| ("prices", column.len()));
    let sources = columns
        .price_sources
        .iter()
        .map(|column| ("price_sources", column.len()));
    for (column, found) in lengths.into_iter().chain(prices).chain(sources) {
        if found != expected {
            return Err(TableError::Length {
                column,
                found,
                expected,
            });
        }
    }
    if columns.rates.len() != columns.machines.len() {
        let (found, expected) = (columns.rates.len(), columns.machines.len());
        return Err(TableError::Length {
            column: "rates",
            found,
            expected,
        });
    }
    dangling(
        "machine",
        columns.machine.iter().map(|&it| it as usize),
        columns.machines.len(),
    )?;
    dangling(
        "region",
        columns.region.iter().map(|&it| it.into()),
        columns.regions.len(),
    )?;
    dangling(
        "zone",
        columns.zone.iter().map(|&it| it.into()),
        columns.zones.len(),
    )?;
    for column in &columns.price_sources {
        dangling(
            "price_sources",
            column.iter().map(|&it| it.into()),
            columns.sources.len(),
        )?;
    }
    let key = |row: usize| (columns.machine[row], columns.region[row], columns.zone[row]);
    match (1..expected).find(|&row| key(row - 1) >= key(row)) {
        Some(row) => Err(TableError::Order { row }),
        None => Ok(()),
    }
}

fn dangling(
    column: &'static str,
    mut cells: impl Iterator<Item = usize>,
    entries: usize,
) -> Result<(), TableError> {
    let mut row = 0;
    cells.try_for_each(|index| {
        if index >= entries {
            return Err(TableError::Dangling { column, row, index });
        }
        row += 1;
        Ok(())
    })
}
