//! The offers in columns: strings interned, rows sorted by machine, region and zone.

mod builder;
mod view;

use std::ops::Range;
use std::sync::Arc;

use super::{Exactness, Machine, Purchase, Quote, RAW_MACHINE, Source};
use crate::money::Money;

pub use builder::OfferTableBuilder;
pub use view::OfferRef;

/// Index of a machine type in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MachineId(pub u32);

/// Index of a provider's region in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u16);

/// Index of a source in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

/// Stands in a price column where an offer is not sold that way.
pub(super) const NOT_SOLD: i64 = i64::MIN;
/// Stands in the interruption column where nothing is known.
pub(super) const UNKNOWN_PERCENT: u8 = u8::MAX;

/// What a managed service adds to the price of a machine it can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRate {
    /// The managed service, such as `sagemaker-training`.
    pub service: Arc<str>,
    /// Price of the service in millionths of the machine's price: 1,150,000 is 15 per cent more.
    pub per_million: u32,
    /// Whether the rate is published or estimated from others of the family.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: SourceId,
}

/// The bare columns, to build a table from rows that are already sorted.
///
/// All row columns have the same length; rows are sorted by `machine`, then region, then zone.
#[derive(Clone, Debug, Default)]
pub struct OfferColumns {
    /// Machine types.
    pub machines: Vec<Machine>,
    /// Provider and region code.
    pub regions: Vec<(Arc<str>, Arc<str>)>,
    /// Zone codes; the empty string is "anywhere in the region".
    pub zones: Vec<Arc<str>>,
    /// Sources of the figures.
    pub sources: Vec<Source>,
    /// Index into `machines` for each row.
    pub machine: Vec<u32>,
    /// Index into `regions` for each row.
    pub region: Vec<u16>,
    /// Index into `zones` for each row.
    pub zone: Vec<u16>,
    /// Micro-dollars an hour for each purchase kind and row; `None` is written by `set_price`.
    prices: [Vec<i64>; 4],
    /// Index into `sources` for each purchase kind and row.
    pub price_sources: [Vec<u16>; 4],
    /// Upper edge of the interruption band in per cent; 255 when not known.
    pub interruption: Vec<u8>,
    /// Rates of managed services, for each machine.
    pub rates: Vec<Vec<ServiceRate>>,
}

impl OfferColumns {
    /// Appends one price cell to the column of `purchase`.
    pub fn push_price(&mut self, purchase: Purchase, price: Option<Money>, source: SourceId) {
        let index = purchase.index();
        self.prices[index].push(price.map_or(NOT_SOLD, |money| money.micros));
        self.price_sources[index].push(source.0);
    }
}

/// Columns that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A column is shorter or longer than the others.
    #[error("column `{column}` has {found} rows where {expected} are expected")]
    Length {
        /// Name of the column.
        column: &'static str,
        /// Rows it has.
        found: usize,
        /// Rows the others have.
        expected: usize,
    },
    /// A cell points at something that is not there.
    #[error("row {row} of column `{column}` points at entry {index}, which does not exist")]
    Dangling {
        /// Name of the column.
        column: &'static str,
        /// Row, from zero.
        row: usize,
        /// The index it holds.
        index: usize,
    },
    /// A row comes before one that should precede it.
    #[error("row {row} is out of order, or repeats the row before it")]
    Order {
        /// Row, from zero.
        row: usize,
    },
    /// There are more distinct entries than the column's index can hold.
    #[error("there are too many distinct entries for column `{column}`")]
    TooMany {
        /// Name of the column.
        column: &'static str,
    },
}

/// All offers of a catalog.
#[derive(Clone, Debug, Default)]
pub struct OfferTable {
    columns: OfferColumns,
    /// First row of each machine, with the row count at the end.
    machine_start: Vec<u32>,
}

impl OfferTable {
    /// An empty builder.
    pub fn builder() -> OfferTableBuilder {
        OfferTableBuilder::default()
    }

    /// Takes over sorted columns after checking that they fit together.
    pub fn from_columns(columns: OfferColumns) -> Result<Self, TableError> {
        builder::check(&columns)?;
        let mut machine_start = vec![0_u32; columns.machines.len() + 1];
        for &machine in &columns.machine {
            machine_start[machine as usize + 1] += 1;
        }
        for index in 1..machine_start.len() {
            machine_start[index] += machine_start[index - 1];
        }
        Ok(Self {
            columns,
            machine_start,
        })
    }

    /// Number of offers.
    pub fn len(&self) -> usize {
        self.columns.machine.len()
    }

    /// Whether there is no offer at all.
    pub fn is_empty(&self) -> bool {
        self.columns.machine.is_empty()
    }

    /// The offer in that row, if there is one.
    pub fn get(&self, row: usize) -> Option<OfferRef<'_>> {
        (row < self.len()).then(|| OfferRef::new(self, row as u32))
    }

    /// All offers in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = OfferRef<'_>> + Clone {
        (0..self.len() as u32).map(|row| OfferRef::new(self, row))
    }

    /// All machine types, sorted by provider and name; [`MachineId`] is the position.
    pub fn machines(&self) -> &[Machine] {
        &self.columns.machines
    }

    /// The machine type with that id, if it belongs to this table.
    pub fn machine(&self, id: MachineId) -> Option<&Machine> {
        self.columns.machines.get(id.0 as usize)
    }

    /// Rows of one machine type: consecutive, sorted by region and zone.
    pub fn rows_of(&self, machine: MachineId) -> Range<usize> {
        let at = machine.0 as usize;
        match (self.machine_start.get(at), self.machine_start.get(at + 1)) {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// Offers of one machine type.
    pub fn offers_of(&self, machine: MachineId) -> impl Iterator<Item = OfferRef<'_>> {
        self.rows_of(machine)
            .map(|row| OfferRef::new(self, row as u32))
    }

    /// Provider and code of every region that occurs; [`RegionId`] is the position.
    pub fn regions(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.columns.regions
    }

    /// All sources; [`SourceId`] is the position.
    pub fn sources(&self) -> &[Source] {
        &self.columns.sources
    }

    /// The source with that id, if it belongs to this table.
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.columns.sources.get(usize::from(id.0))
    }

    /// What managed services ask for that machine; empty when none can use it.
    pub fn service_rates(&self, machine: MachineId) -> &[ServiceRate] {
        self.columns
            .rates
            .get(machine.0 as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Machine index of every row.
    pub fn machine_column(&self) -> &[u32] {
        &self.columns.machine
    }

    /// Region index of every row.
    pub fn region_column(&self) -> &[u16] {
        &self.columns.region
    }

    /// The columns themselves, for writers of a file form.
    pub fn columns(&self) -> &OfferColumns {
        &self.columns
    }

    /// The same offers with other service rates, one list for each machine; rates may name sources
    /// that are added behind the table's own.
    pub fn with_rates(
        mut self,
        added: Vec<Source>,
        rates: Vec<Vec<ServiceRate>>,
    ) -> Result<Self, TableError> {
        let (found, expected) = (rates.len(), self.columns.machines.len());
        if found != expected {
            return Err(TableError::Length {
                column: "rates",
                found,
                expected,
            });
        }
        self.columns.sources.extend(added);
        let sources = self.columns.sources.len();
        for (row, of_machine) in rates.iter().enumerate() {
            for rate in of_machine {
                let index = usize::from(rate.source.0);
                if index >= sources {
                    return Err(TableError::Dangling {
                        column: "rates",
                        row,
                        index,
                    });
                }
            }
        }
        self.columns.rates = rates;
        Ok(self)
    }

    /// Price of a row when bought bare; `None` when it is not sold that way.
    pub fn price(&self, row: usize, purchase: Purchase) -> Option<Quote> {
        let index = purchase.index();
        let micros = *self.columns.prices[index].get(row)?;
        if micros == NOT_SOLD {
            return None;
        }
        let source = *self.columns.price_sources[index].get(row)?;
        let exactness = self
            .columns
            .sources
            .get(usize::from(source))
            .map_or(Exactness::Estimated, |it| it.exactness);
        Some(Quote {
            per_hour: Money::micros(micros),
            exactness,
            source: SourceId(source),
        })
    }

    /// Price of a row through a managed service; `None` when that service cannot use the machine
    /// or the row is not sold that way. [`RAW_MACHINE`] is the bare price.
    pub fn price_at(&self, row: usize, service: &str, purchase: Purchase) -> Option<Quote> {
        let quote = self.price(row, purchase)?;
        if service == RAW_MACHINE {
            return Some(quote);
        }
        let machine = MachineId(*self.columns.machine.get(row)?);
        let rate = self
            .service_rates(machine)
            .iter()
            .find(|rate| &*rate.service == service)?;
        let scaled = i128::from(quote.per_hour.micros) * i128::from(rate.per_million);
        let micros = i64::try_from((scaled + 500_000) / 1_000_000).ok()?;
        let exactness = quote.exactness.max(rate.exactness);
        Some(Quote {
            per_hour: Money::micros(micros),
            exactness,
            source: quote.source,
        })
    }
}

#[cfg(test)]
mod tests;
