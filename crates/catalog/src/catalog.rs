//! The catalog as the rest of the program sees it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::disk::DiskPrices;
use domain::offer::{OfferTable, Purchase};
use domain::region::Regions;
use domain::transfer::TransferPrices;

use crate::Error;
use crate::codec;
use crate::facts::{self, Accelerators, Markups};
use crate::plausibility::Quarantined;

/// The embedded figures.
const EMBEDDED: &[u8] = include_bytes!("../data/prices.twc");

/// A flat price between two regions of one provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransferPair {
    /// The provider.
    pub provider: Arc<str>,
    /// Region that the data leaves.
    pub from: Arc<str>,
    /// Region that it enters, or `internet`.
    pub to: Arc<str>,
    /// Dollars for a billed gigabyte.
    pub per_gigabyte: Money,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

/// What a catalog file holds.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    /// Offers that may be planned on.
    pub offers: OfferTable,
    /// Figures that may not.
    pub quarantined: Vec<Quarantined>,
    /// Prices between pairs of regions.
    pub transfer_pairs: Vec<TransferPair>,
}

/// Prices and facts, ready for the planner.
#[derive(Clone, Debug)]
pub struct Catalog {
    offers: Arc<OfferTable>,
    quarantined: Vec<Quarantined>,
    transfer_pairs: Vec<TransferPair>,
    accelerators: Accelerators,
    regions: Arc<Regions>,
    transfer: Arc<TransferPrices>,
    disk: DiskPrices,
    markups: Markups,
    hash: String,
    refused: Option<String>,
}

/// The refreshed figures inside the catalog's folder.
pub(crate) const CURRENT: &str = "prices.twc";
/// The figures before the last refresh.
pub(crate) const PREVIOUS: &str = "prices.previous.twc";

impl Catalog {
    /// The catalog that the program carries; needs no file and no network.
    pub fn embedded() -> Result<Self, Error> {
        Self::from_bytes(EMBEDDED)
    }

    /// A catalog from its file form.
    pub fn from_bytes(file: &[u8]) -> Result<Self, Error> {
        let prices = codec::decode(file)?;
        let markups = Markups::embedded()?;
        let pieces = std::iter::once(file).chain(facts::TABLES.map(str::as_bytes));
        let offers = markups.apply(prices.offers)?;
        let regions = facts::regions()?;
        let transfer = facts::transfer(&regions, &prices.transfer_pairs)?;
        Ok(Self {
            offers: Arc::new(offers),
            quarantined: prices.quarantined,
            transfer_pairs: prices.transfer_pairs,
            accelerators: Accelerators::embedded()?,
            regions: Arc::new(regions),
            transfer: Arc::new(transfer),
            disk: facts::disks()?,
            markups,
            hash: codec::hash(pieces),
            refused: None,
        })
    }

    /// The newest usable catalog: the refreshed one in `<data>/catalog/`, else the one before it,
    /// else the embedded one. A file that is refused is reported by [`Catalog::refused`].
    pub fn open(data: &Path) -> Result<Self, Error> {
        let folder = data.join("catalog");
        let mut refused = Vec::new();
        for name in [CURRENT, PREVIOUS] {
            let path = folder.join(name);
            let read = match std::fs::read(&path) {
                Ok(file) => Self::from_bytes(&file),
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(source) => Err(Error::File {
                    action: "read",
                    path: path.clone(),
                    source,
                }),
            };
            match read {
                Ok(catalog) => return Ok(catalog.with_refused(refused)),
                Err(error) => refused.push(format!("`{}`: {error}", path.display())),
            }
        }
        Ok(Self::embedded()?.with_refused(refused))
    }

    /// Goes back to the catalog before the last refresh; `false` when there is none. A damaged one
    /// is refused and everything stays as it is.
    pub fn restore_previous(data: &Path) -> Result<bool, Error> {
        crate::refresh::restore(&data.join("catalog"))
    }

    fn with_refused(mut self, refused: Vec<String>) -> Self {
        self.refused = (!refused.is_empty()).then(|| refused.join("; "));
        self
    }

    /// Which files were passed over because they are damaged, and why; a warning for the user.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// All offers that may be planned on.
    pub fn offers(&self) -> &OfferTable {
        &self.offers
    }

    /// All offers, shared with whoever keeps them longer.
    pub fn shared_offers(&self) -> Arc<OfferTable> {
        self.offers.clone()
    }

    /// Where the regions are, shared.
    pub fn shared_regions(&self) -> Arc<Regions> {
        self.regions.clone()
    }

    /// What moving data costs, shared.
    pub fn shared_transfer(&self) -> Arc<TransferPrices> {
        self.transfer.clone()
    }

    /// Figures that are not planned on, with the reasons.
    pub fn quarantined(&self) -> &[Quarantined] {
        &self.quarantined
    }

    /// Where the regions are.
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// What moving data costs.
    pub fn transfer(&self) -> &TransferPrices {
        &self.transfer
    }

    /// Prices of single pairs of regions, as carried in the file.
    pub fn transfer_pairs(&self) -> &[TransferPair] {
        &self.transfer_pairs
    }

    /// What disks cost.
    pub fn disk(&self) -> &DiskPrices {
        &self.disk
    }

    /// What managed services ask on top of machines; the offers carry it too.
    pub fn markups(&self) -> &Markups {
        &self.markups
    }

    /// Accelerator models.
    pub fn accelerators(&self) -> &Accelerators {
        &self.accelerators
    }

    /// SHA-256 of all figures and facts in hexadecimal; a plan keeps it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The oldest day for which an offer's on-demand price holds; `None` without offers.
    pub fn as_of(&self) -> Option<Day> {
        let offers = self.offers();
        let column = &offers.columns().price_sources[Purchase::OnDemand.index()];
        let mut used: Vec<u16> = column.clone();
        used.sort_unstable();
        used.dedup();
        let sources = offers.sources();
        used.iter()
            .filter_map(|&id| sources.get(usize::from(id)))
            .map(|it| it.as_of)
            .min()
    }
}
