//! Everything that can be had, laid out for scanning.
//!
//! A market is made once from the catalog's tables (and a table of this machine's own) and then
//! shared by all questions. It owns flat columns: one row an offer, prices as integers with two
//! marks for "not sold" and "in quarantine", so that a scan touches no string and no option.

mod accelerators;
mod build;
mod local;
mod transfer;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use domain::disk::DiskPrice;
use domain::offer::{Machine, OfferTable, Purchase, ServiceRate};
use domain::region::{Region, Regions};
use serde::{Deserialize, Serialize};

pub use accelerators::AcceleratorFigures;
pub use build::MarketBuilder;
pub use local::this_machine;
pub(crate) use transfer::Card;

/// Stands for "not sold that way" in a price column.
pub(crate) const NOT_SOLD: i64 = -1;
/// Stands for a price that is never planned on.
pub(crate) const QUARANTINED: i64 = -2;

/// Purchase kinds that are bought by the hour: what a plan may choose besides commitments.
pub const BOUGHT_KINDS: [Purchase; 2] = [Purchase::OnDemand, Purchase::Spot];

/// One place: a zone, or a whole region where prices do not differ by zone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Site {
    /// The provider.
    pub provider: Arc<str>,
    /// Its region code.
    pub region: Arc<str>,
    /// Its zone code; empty for the whole region.
    pub zone: Arc<str>,
}

impl Site {
    /// Whether a region, written as `code` or `provider/code`, is this one's.
    pub fn is(&self, wanted: &str) -> bool {
        match wanted.split_once('/') {
            Some((provider, region)) => *self.provider == *provider && *self.region == *region,
            None => *self.region == *wanted,
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.zone.is_empty() {
            &self.region
        } else {
            &self.zone
        };
        write!(formatter, "{} {place}", self.provider)
    }
}

/// A price that may not be planned on, as the catalog or the market found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Provider.
    pub provider: String,
    /// Machine type.
    pub machine: String,
    /// Region.
    pub region: String,
    /// Zone; unset for all zones of the region.
    pub zone: Option<String>,
    /// Purchase kind; unset for all.
    pub purchase: Option<Purchase>,
    /// Why.
    pub reason: String,
}

/// Everything that can be had.
#[derive(Debug)]
pub struct Market {
    pub(crate) tables: Vec<Arc<OfferTable>>,
    pub(crate) machines: Vec<Machine>,
    pub(crate) rates: Vec<Vec<ServiceRate>>,
    pub(crate) sites: Vec<Site>,
    /// Region of each site.
    pub(crate) region_of: Vec<u16>,
    /// Provider and code of each region, and its facts where known.
    pub(crate) region_names: Vec<(Arc<str>, Arc<str>)>,
    pub(crate) facts: Vec<Option<Region>>,
    /// Rows of each machine.
    pub(crate) rows_of: Vec<Range<u32>>,
    pub(crate) machine: Vec<u32>,
    pub(crate) site: Vec<u16>,
    /// Micros an hour, by [`BOUGHT_KINDS`].
    pub(crate) prices: [Vec<i64>; 2],
    pub(crate) interruption: Vec<u8>,
    /// Table and row each row came from.
    pub(crate) origin: Vec<(u8, u32)>,
    pub(crate) quarantined: Vec<Quarantined>,
    pub(crate) regions: Arc<Regions>,
    /// Rate card of each pair of regions, row by row, and of two zones of each region.
    pub(crate) region_cards: Vec<u16>,
    pub(crate) zone_cards: Vec<u16>,
    pub(crate) cards: Vec<Card>,
    /// The cheapest disk of each region, where known.
    pub(crate) disk: Vec<Option<DiskPrice>>,
    pub(crate) figures: Vec<AcceleratorFigures>,
    /// Providers that cost only what the configuration says, which may be nothing.
    pub(crate) own: Vec<Arc<str>>,
    pub(crate) edition: String,
}

impl Market {
    /// A builder over facts about regions and prices of transfers.
    pub fn builder(
        regions: Arc<Regions>,
        transfer: Arc<domain::transfer::TransferPrices>,
    ) -> MarketBuilder {
        MarketBuilder::new(regions, transfer)
    }

    /// Number of offers, each of which may be sold in several ways.
    pub fn len(&self) -> usize {
        self.machine.len()
    }

    /// Whether nothing can be had.
    pub fn is_empty(&self) -> bool {
        self.machine.is_empty()
    }

    /// All machine types.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// All places.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Facts about regions.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Prices that are not planned on.
    pub fn quarantined(&self) -> &[Quarantined] {
        &self.quarantined
    }

    /// What identifies the figures: the catalog's edition as the caller named it.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// Canonical names of all accelerators, sorted.
    pub fn accelerators(&self) -> Vec<Arc<str>> {
        let models = self
            .machines
            .iter()
            .filter_map(|it| it.accelerator.as_ref());
        let mut names: Vec<Arc<str>> = models.map(|it| it.model.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The canonical name of an accelerator, whichever of its names is given; the name itself
    /// when it is not known.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        accelerators::find(&self.figures, name).map_or(name, |known| &*known.model)
    }

    /// Relative speed of one device; `None` when its figures are not known.
    pub(crate) fn speed(&self, model: &str) -> Option<u64> {
        accelerators::find(&self.figures, model).and_then(AcceleratorFigures::speed)
    }

    /// All providers, sorted.
    pub fn providers(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.sites.iter().map(|it| it.provider.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Managed services through which machines of a provider can be bought, sorted.
    pub fn services(&self, provider: &str) -> Vec<Arc<str>> {
        let of_provider = self.machines.iter().zip(&self.rates);
        let rates = of_provider.filter(|(it, _)| *it.provider == *provider);
        let mut names: Vec<Arc<str>> = rates
            .flat_map(|(_, rates)| rates.iter().map(|it| it.service.clone()))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn is_own(&self, provider: &str) -> bool {
        self.own.iter().any(|it| **it == *provider)
    }

    /// Rate card from one site to another.
    pub(crate) fn card(&self, from: u16, to: u16) -> u16 {
        if from == to {
            return 0;
        }
        let (one, other) = (
            self.region_of[usize::from(from)],
            self.region_of[usize::from(to)],
        );
        if one == other {
            let zoned = |site: u16| !self.sites[usize::from(site)].zone.is_empty();
            // A row without a zone may be placed in any, so its data need not leave the other's.
            return if zoned(from) && zoned(to) {
                self.zone_cards[usize::from(one)]
            } else {
                0
            };
        }
        self.region_cards[usize::from(one) * self.facts.len() + usize::from(other)]
    }

    /// Name of an offer for people.
    pub(crate) fn offer_name(&self, row: usize) -> String {
        let machine = &self.machines[self.machine[row] as usize];
        format!(
            "{} in {}",
            machine.name,
            self.sites[usize::from(self.site[row])]
        )
    }
}
