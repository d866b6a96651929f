//! What can be had: this machine, and the catalog's offers beside it.

use catalog::Catalog;
use control::plans::Offers;
use domain::day::Day;
use domain::offer::{Architecture, OfferTable};
use domain::{Money, Timestamp};
use planner::Market;
use planner::market::{AcceleratorFigures, MarketBuilder, Quarantined};
use providers::local::MachineFacts;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Size of this machine.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// Thousandths of virtual processors.
    pub milli_cpus: u32,
    /// Bytes of memory.
    pub memory: u64,
}

impl Here {
    /// As the local provider measures it.
    pub fn measured() -> Self {
        MachineFacts::read().into()
    }
}

impl From<MachineFacts> for Here {
    fn from(facts: MachineFacts) -> Self {
        Self {
            milli_cpus: facts.cpus.saturating_mul(1_000),
            memory: facts.memory.0,
        }
    }
}

/// Offers that cannot be laid out.
#[derive(Debug, thiserror::Error)]
#[error("the offers cannot be laid out: {reason}")]
pub struct Unusable {
    reason: String,
}

/// The edition of a market in which there is this machine alone.
const LOCAL_EDITION: &str = "local";

/// All offers of the catalog and this machine at `rate` an hour; without a catalog this machine
/// alone.
///
/// # Errors
/// When the offers contradict the facts about their machines.
pub fn market(
    catalog: Option<&Catalog>,
    here: Here,
    rate: Money,
    now: Timestamp,
) -> Result<Market, Unusable> {
    let wrong = |error: &dyn std::fmt::Display| Unusable {
        reason: error.to_string(),
    };
    let architecture = if cfg!(target_arch = "aarch64") {
        Architecture::Arm64
    } else {
        Architecture::X86_64
    };
    let builder = match catalog {
        Some(catalog) => with_catalog(catalog),
        None => Market::builder(Arc::default(), Arc::default()).edition(LOCAL_EDITION),
    };
    builder
        .local(
            (here.milli_cpus, architecture),
            here.memory,
            rate,
            Day::from_unix_millis(now.0),
        )
        .map_err(|error| wrong(&error))?
        .build()
        .map_err(|error| wrong(&error))
}

fn with_catalog(catalog: &Catalog) -> MarketBuilder {
    let figures = catalog.accelerators().iter().map(|it| AcceleratorFigures {
        model: it.model.clone(),
        aliases: it.aliases.clone(),
        gigaflops: it.gigaflops_16bit.or(it.gigaflops_32bit),
        bandwidth: it.bandwidth_mb_s,
    });
    let barred = catalog.quarantined().iter().map(|it| Quarantined {
        provider: it.provider.clone(),
        machine: it.machine.clone(),
        region: it.region.clone(),
        zone: (!it.zone.is_empty()).then(|| it.zone.clone()),
        purchase: Some(it.purchase),
        reason: it.reason.clone(),
    });
    Market::builder(catalog.shared_regions(), catalog.shared_transfer())
        .offers(catalog.shared_offers())
        .disks(Arc::new(catalog.disk().clone()))
        .accelerators(figures.collect())
        .quarantined(barred.collect())
        .edition(catalog.hash())
}

/// The catalog of prices of this server: read when somebody first asks for it, and then once for
/// all who do.
#[derive(Clone)]
pub(crate) struct Prices {
    data: Arc<Path>,
    read: Arc<Mutex<Option<Arc<Catalog>>>>,
}

impl Prices {
    /// Looks for a refreshed catalog in the data folder.
    pub(crate) fn new(data: &Path) -> Self {
        Self {
            data: data.into(),
            read: Arc::default(),
        }
    }

    /// The newest catalog that can be used.
    pub(crate) fn catalog(&self) -> Result<Arc<Catalog>, String> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = &*read {
            return Ok(Arc::clone(catalog));
        }
        let opened = Catalog::open(&self.data).map_err(|error| error.to_string())?;
        if let Some(refused) = opened.refused() {
            tracing::warn!(refused, "files of the catalog were passed over");
        }
        let catalog = Arc::new(opened);
        *read = Some(Arc::clone(&catalog));
        Ok(catalog)
    }
}

/// The offers that this server plans on: the catalog is only read when a run may go further than
/// this machine.
pub(crate) struct ServerOffers {
    here: Here,
    prices: Prices,
}

impl ServerOffers {
    /// This machine beside the catalog.
    pub(crate) fn new(here: Here, prices: Prices) -> Self {
        Self { here, prices }
    }
}

impl Offers for ServerOffers {
    fn here(&self) -> (u32, u64) {
        (self.here.milli_cpus, self.here.memory)
    }

    fn market(&self, further: bool, now: Timestamp) -> Result<Arc<Market>, String> {
        let catalog = if further {
            Some(self.prices.catalog()?)
        } else {
            None
        };
        let market = market(catalog.as_deref(), self.here, Money::ZERO, now);
        market.map(Arc::new).map_err(|error| error.to_string())
    }

    fn prices(&self) -> Result<Arc<OfferTable>, String> {
        Ok(self.prices.catalog()?.shared_offers())
    }
}
