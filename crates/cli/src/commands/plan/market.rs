//! What can be had: the catalog's offers beside this machine.

use crate::failure::Failure;
use catalog::Catalog;
use domain::day::Day;
use domain::offer::Architecture;
use domain::{Money, Timestamp};
use planner::Market;
use planner::market::{AcceleratorFigures, Quarantined};
use std::sync::Arc;

/// Size of this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here {
    /// Thousandths of virtual processors.
    pub(super) milli_cpus: u32,
    /// Bytes of memory.
    pub(super) memory: u64,
}

impl Here {
    /// As the system tells it (`/proc/meminfo`, see proc(5)).
    pub(super) fn measured() -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = text.lines().find_map(|line| {
            let rest = line.strip_prefix("MemTotal:")?;
            rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        });
        Self {
            milli_cpus: u32::try_from(cpus).unwrap_or(1).saturating_mul(1_000),
            memory: total.unwrap_or(1 << 20).saturating_mul(1_024),
        }
    }
}

/// All offers of the catalog and this machine at `rate` an hour.
pub(super) fn market(
    catalog: &Catalog,
    here: Here,
    rate: Money,
    now: Timestamp,
) -> Result<Market, Failure> {
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
    let architecture = if cfg!(target_arch = "aarch64") {
        Architecture::Arm64
    } else {
        Architecture::X86_64
    };
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::here(format!("the offers cannot be laid out: {error}"))
    };
    Market::builder(catalog.shared_regions(), catalog.shared_transfer())
        .offers(catalog.shared_offers())
        .disks(Arc::new(catalog.disk().clone()))
        .accelerators(figures.collect())
        .quarantined(barred.collect())
        .edition(catalog.hash())
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
