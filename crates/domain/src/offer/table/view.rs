//! One row of the table, by reference.

use std::fmt;

use super::{MachineId, OfferTable, RegionId, UNKNOWN_PERCENT};
use crate::offer::{Machine, Offer, Purchase, Quote, SourceId};

/// An offer inside its table: two words, copied freely.
#[derive(Clone, Copy)]
pub struct OfferRef<'a> {
    table: &'a OfferTable,
    row: u32,
}

impl<'a> OfferRef<'a> {
    /// Callers have checked that the row exists.
    pub(super) const fn new(table: &'a OfferTable, row: u32) -> Self {
        Self { table, row }
    }

    /// Position in the table; stable for one table only.
    pub const fn row(self) -> usize {
        self.row as usize
    }

    /// Id of its machine type.
    pub fn machine_id(self) -> MachineId {
        MachineId(self.table.columns.machine[self.row()])
    }

    /// Its machine type.
    pub fn machine(self) -> &'a Machine {
        &self.table.columns.machines[self.table.columns.machine[self.row()] as usize]
    }

    /// The provider.
    pub fn provider(self) -> &'a str {
        &self.machine().provider
    }

    /// Id of its region.
    pub fn region_id(self) -> RegionId {
        RegionId(self.table.columns.region[self.row()])
    }

    /// The provider's region code.
    pub fn region(self) -> &'a str {
        &self.table.columns.regions[usize::from(self.table.columns.region[self.row()])].1
    }

    /// The provider's zone code; empty when the price holds for the whole region.
    pub fn zone(self) -> &'a str {
        &self.table.columns.zones[usize::from(self.table.columns.zone[self.row()])]
    }

    /// Price when bought bare.
    pub fn price(self, purchase: Purchase) -> Option<Quote> {
        self.table.price(self.row(), purchase)
    }

    /// Price through a managed service, see [`OfferTable::price_at`].
    pub fn price_at(self, service: &str, purchase: Purchase) -> Option<Quote> {
        self.table.price_at(self.row(), service, purchase)
    }

    /// Upper edge of the monthly interruption band in per cent, where known.
    pub fn interruption_percent(self) -> Option<u8> {
        let percent = self.table.columns.interruption[self.row()];
        (percent != UNKNOWN_PERCENT).then_some(percent)
    }

    /// The row in words.
    pub fn to_offer(self) -> Offer {
        let columns = &self.table.columns;
        let row = self.row();
        Offer {
            machine: self.machine().clone(),
            region: columns.regions[usize::from(columns.region[row])].1.clone(),
            zone: columns.zones[usize::from(columns.zone[row])].clone(),
            prices: Purchase::ALL.map(|purchase| self.price(purchase).map(|quote| quote.per_hour)),
            sources: Purchase::ALL
                .map(|purchase| SourceId(columns.price_sources[purchase.index()][row])),
            interruption_percent: self.interruption_percent(),
        }
    }
}

impl fmt::Debug for OfferRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.machine();
        write!(
            formatter,
            "{} {} {} {}",
            at.provider,
            at.name,
            self.region(),
            self.zone()
        )
    }
}
