//! From tables to a market.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::disk::DiskPrices;
use domain::offer::{Machine, OfferTable, Purchase};
use domain::region::Regions;
use domain::transfer::TransferPrices;

use super::{
    AcceleratorFigures, BOUGHT_KINDS, Market, NOT_SOLD, QUARANTINED, Quarantined, Site, transfer,
};
use crate::Error;

/// More sites would make the table of rate cards too large.
const MOST_SITES: usize = 4096;
/// A machine that costs more in an hour is not believed: a million dollars.
const DEAREST: i64 = 1_000_000_000_000;

/// Collects what a market is made of.
#[derive(Debug)]
pub struct MarketBuilder {
    regions: Arc<Regions>,
    transfer: Arc<TransferPrices>,
    tables: Vec<Arc<OfferTable>>,
    own: Vec<Arc<str>>,
    disks: Arc<DiskPrices>,
    figures: Vec<AcceleratorFigures>,
    quarantined: Vec<Quarantined>,
    edition: String,
}

impl MarketBuilder {
    pub(super) fn new(regions: Arc<Regions>, transfer: Arc<TransferPrices>) -> Self {
        Self {
            regions,
            transfer,
            tables: Vec::new(),
            own: Vec::new(),
            disks: Arc::default(),
            figures: Vec::new(),
            quarantined: Vec::new(),
            edition: String::new(),
        }
    }

    /// Adds the offers of a table.
    #[must_use]
    pub fn offers(mut self, table: Arc<OfferTable>) -> Self {
        self.tables.push(table);
        self
    }

    /// Declares a provider to be one's own: it costs what its table says, which may be nothing,
    /// and nobody charges for data that leaves it.
    #[must_use]
    pub fn own(mut self, provider: &str) -> Self {
        self.own.push(provider.into());
        self
    }

    /// Sets the prices of disks.
    #[must_use]
    pub fn disks(mut self, disks: Arc<DiskPrices>) -> Self {
        self.disks = disks;
        self
    }

    /// States what data sheets say of accelerators.
    #[must_use]
    pub fn accelerators(mut self, figures: Vec<AcceleratorFigures>) -> Self {
        self.figures.extend(figures);
        self
    }

    /// Bars prices from being planned on.
    #[must_use]
    pub fn quarantined(mut self, quarantined: Vec<Quarantined>) -> Self {
        self.quarantined.extend(quarantined);
        self
    }

    /// Names the figures, so that plans can say which they used.
    #[must_use]
    pub fn edition(mut self, edition: &str) -> Self {
        edition.clone_into(&mut self.edition);
        self
    }

    /// Lays everything out. Prices that are zero or negative (except one's own) or beyond belief
    /// are quarantined with the reason.
    pub fn build(self) -> Result<Market, Error> {
        let mut market = self.empty()?;
        let mut sites: BTreeMap<(u16, Arc<str>), u16> = BTreeMap::new();
        for (index, table) in self.tables.iter().enumerate() {
            let number = u8::try_from(index).map_err(|_| Error::MarketTooLarge {
                what: "tables",
                found: self.tables.len(),
            })?;
            self.lay_out(&mut market, number, table, &mut sites)?;
        }
        let dealt = transfer::deal(
            &self.transfer,
            &market.region_names,
            &market.facts,
            &self.own,
        );
        let Some(cards) = dealt else {
            return Err(Error::MarketTooLarge {
                what: "tariffs",
                found: usize::from(u16::MAX),
            });
        };
        market.cards = cards.list;
        market.region_cards = cards.regions;
        market.zone_cards = cards.zones;
        Ok(market)
    }

    /// A market with its regions, and no offer.
    fn empty(&self) -> Result<Market, Error> {
        let of_tables = self
            .tables
            .iter()
            .flat_map(|table| table.regions().iter().cloned());
        let of_facts = self
            .regions
            .iter()
            .map(|it| (it.provider.clone(), it.code.clone()));
        let mut region_names: Vec<(Arc<str>, Arc<str>)> = of_tables.chain(of_facts).collect();
        region_names.sort_unstable();
        region_names.dedup();
        if region_names.len() > MOST_SITES {
            return Err(Error::MarketTooLarge {
                what: "regions",
                found: region_names.len(),
            });
        }
        let facts = region_names
            .iter()
            .map(|(p, r)| self.regions.get(p, r).cloned())
            .collect();
        let disk = region_names
            .iter()
            .map(|(provider, region)| self.disks.cheapest(provider, region).cloned())
            .collect();
        Ok(Market {
            tables: self.tables.clone(),
            machines: Vec::new(),
            rates: Vec::new(),
            sites: Vec::new(),
            region_of: Vec::new(),
            region_names,
            facts,
            rows_of: Vec::new(),
            machine: Vec::new(),
            site: Vec::new(),
            prices: [Vec::new(), Vec::new()],
            interruption: Vec::new(),
            origin: Vec::new(),
            quarantined: self.quarantined.clone(),
            regions: self.regions.clone(),
            region_cards: Vec::new(),
            zone_cards: Vec::new(),
            cards: Vec::new(),
            disk,
            figures: self.figures.clone(),
            own: self.own.clone(),
            edition: self.edition.clone(),
        })
    }

    fn lay_out(
        &self,
        market: &mut Market,
        number: u8,
        table: &OfferTable,
        sites: &mut BTreeMap<(u16, Arc<str>), u16>,
    ) -> Result<(), Error> {
        let regions: Vec<u16> = table
            .regions()
            .iter()
            .map(|name| market.region_names.binary_search(name).unwrap_or(0) as u16)
            .collect();
        // Sites repeat from row to row; zones are looked up once for each pair.
        let mut known: BTreeMap<(u16, u16), u16> = BTreeMap::new();
        let columns = table.columns();
        for (index, machine) in table.machines().iter().enumerate() {
            let id = domain::offer::MachineId(index as u32);
            let first = market.machine.len() as u32;
            let own = market.is_own(&machine.provider);
            let barred: Vec<usize> = (0..self.quarantined.len())
                .filter(|&at| self.quarantined[at].machine == *machine.name)
                .filter(|&at| self.quarantined[at].provider == *machine.provider)
                .collect();
            for row in table.rows_of(id) {
                let key = (columns.region[row], columns.zone[row]);
                let site = if let Some(&site) = known.get(&key) {
                    site
                } else {
                    let zone = columns.zones[usize::from(key.1)].clone();
                    let region = regions[usize::from(key.0)];
                    let site = add_site(market, sites, region, zone)?;
                    known.insert(key, site);
                    site
                };
                market.machine.push(market.machines.len() as u32);
                market.site.push(site);
                market.interruption.push(columns.interruption[row]);
                market.origin.push((number, row as u32));
                for (column, purchase) in BOUGHT_KINDS.into_iter().enumerate() {
                    let quote = table
                        .price(row, purchase)
                        .map(|quote| quote.per_hour.micros);
                    let price =
                        self.believed(market, quote, own, (machine, site, purchase), &barred);
                    market.prices[column].push(price);
                }
            }
            market.rows_of.push(first..market.machine.len() as u32);
            market.machines.push(machine.clone());
            market.rates.push(table.service_rates(id).to_vec());
        }
        Ok(())
    }

    fn believed(
        &self,
        market: &mut Market,
        quote: Option<i64>,
        own: bool,
        (machine, site, purchase): (&Machine, u16, Purchase),
        barred: &[usize],
    ) -> i64 {
        let Some(price) = quote else { return NOT_SOLD };
        let place = &market.sites[usize::from(site)];
        for &at in barred {
            let known = &self.quarantined[at];
            if known.region == *place.region
                && known
                    .zone
                    .as_deref()
                    .is_none_or(|zone| *zone == *place.zone)
                && known.purchase.is_none_or(|it| it == purchase)
            {
                return QUARANTINED;
            }
        }
        let reason = match price {
            0 if own => return 0,
            ..=0 => "the price is zero or negative",
            1..=DEAREST => return price,
            _ => "the price is beyond a million dollars an hour",
        };
        let entry = Quarantined {
            provider: machine.provider.to_string(),
            machine: machine.name.to_string(),
            region: place.region.to_string(),
            zone: (!place.zone.is_empty()).then(|| place.zone.to_string()),
            purchase: Some(purchase),
            reason: reason.to_owned(),
        };
        market.quarantined.push(entry);
        QUARANTINED
    }
}

fn add_site(
    market: &mut Market,
    sites: &mut BTreeMap<(u16, Arc<str>), u16>,
    region: u16,
    zone: Arc<str>,
) -> Result<u16, Error> {
    if let Some(&site) = sites.get(&(region, zone.clone())) {
        return Ok(site);
    }
    if market.sites.len() >= MOST_SITES {
        return Err(Error::MarketTooLarge {
            what: "zones",
            found: market.sites.len() + 1,
        });
    }
    let site = market.sites.len() as u16;
    let (provider, code) = market.region_names[usize::from(region)].clone();
    sites.insert((region, zone.clone()), site);
    market.sites.push(Site {
        provider,
        region: code,
        zone,
    });
    market.region_of.push(region);
    Ok(site)
}
