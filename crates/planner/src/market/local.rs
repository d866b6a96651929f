//! This machine as an offer among the others.

use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::offer::{Architecture, Exactness, Machine, Offer, OfferTable, Source, TableError};

use super::MarketBuilder;

/// A table with this machine (or a fixed machine of one's own) as its only offer.
pub fn this_machine(
    machine: Machine,
    region: &str,
    per_hour: Money,
    as_of: Day,
) -> Result<OfferTable, TableError> {
    let mut builder = OfferTable::builder();
    let source = builder.source(Source {
        name: "configuration".into(),
        note: "the rate that the configuration sets for this machine".into(),
        as_of,
        exactness: Exactness::Exact,
    })?;
    builder.push(Offer {
        machine,
        region: region.into(),
        zone: "".into(),
        prices: [Some(per_hour), None, None, None],
        sources: [source; 4],
        interruption_percent: None,
    });
    builder.build()
}

impl MarketBuilder {
    /// Adds this machine at a configured rate, `local` in the region `here`.
    pub fn local(
        self,
        (milli_cpus, architecture): (u32, Architecture),
        memory_bytes: u64,
        per_hour: Money,
        as_of: Day,
    ) -> Result<Self, TableError> {
        let machine = Machine {
            provider: "local".into(),
            name: "this-machine".into(),
            vcpus_milli: milli_cpus,
            memory_bytes,
            architecture,
            accelerator: None,
        };
        let table = this_machine(machine, "here", per_hour, as_of)?;
        Ok(self.own("local").offers(Arc::new(table)))
    }
}
