//! What Tradewind metered of a service, hour by hour: what several rules look at.

use super::{Context, is};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::metering::services::{self, Meter, Service};
use crate::query::Key;
use std::collections::BTreeMap;

/// One endpoint's deployment or one function, by the hour (`2026-05-01T13`).
pub(super) struct Hours {
    /// Its id in the ledger.
    pub(super) resource: String,
    pub(super) currency: String,
    /// Replicas or instances that were there, on average.
    pub(super) replicas: BTreeMap<String, Amount>,
    /// Requests; hours without one are not there.
    pub(super) requests: BTreeMap<String, Amount>,
    /// Hours of computing for requests.
    pub(super) busy: BTreeMap<String, Amount>,
    /// What it cost.
    pub(super) cost: BTreeMap<String, Amount>,
    /// GiB-hours of memory.
    pub(super) memory: Amount,
}

impl Hours {
    pub(super) fn hours_with_requests(&self) -> usize {
        self.requests.len()
    }

    /// Replicas of the per cent of hours that had fewest, by the nearest rank.
    pub(super) fn percentile_of_replicas(&self, percent: usize) -> Amount {
        percentile(self.replicas.values().copied().collect(), percent)
    }

    /// Whole replicas that were there in nine of ten hours: what is kept ready whatever the load.
    pub(super) fn floor(&self) -> u32 {
        (self.percentile_of_replicas(10).approximate() + 0.05) as u32
    }

    /// Workspace, name and deployment of what Tradewind runs.
    pub(super) fn place(&self) -> Option<(String, String, String)> {
        services::place(&self.resource)
    }
}

/// The value that so many per cent are not above, by the nearest rank.
pub(super) fn percentile(mut values: Vec<Amount>, percent: usize) -> Amount {
    values.sort();
    let at = (values.len() * percent.min(100)).div_ceil(100);
    values
        .get(at.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// The deployments of Tradewind's endpoints.
pub(super) fn endpoints(context: &Context<'_>) -> Result<Vec<Hours>, Error> {
    of_service(context, Service::Endpoint)
}

/// Tradewind's functions.
pub(super) fn functions(context: &Context<'_>) -> Result<Vec<Hours>, Error> {
    of_service(context, Service::Function)
}

fn of_service(context: &Context<'_>, service: Service) -> Result<Vec<Hours>, Error> {
    let filters = vec![
        is("provider", &["Tradewind"])?,
        is("service", &[service.name()])?,
    ];
    let by = vec![
        Key::parse("resource")?,
        Key::Column(Column::SkuMeter),
        Key::Hour,
    ];
    let answer = context.ledger.ask(&context.question(by, filters))?;
    let mut all: BTreeMap<(String, String), Hours> = BTreeMap::new();
    for group in answer.groups {
        let [Some(resource), Some(meter), Some(hour)] = group.keys.as_slice() else {
            continue;
        };
        let Some(meter) = Meter::named(meter) else {
            continue;
        };
        let one = all
            .entry((resource.clone(), group.currency.clone()))
            .or_insert_with(|| Hours {
                resource: resource.clone(),
                currency: group.currency.clone(),
                replicas: BTreeMap::new(),
                requests: BTreeMap::new(),
                busy: BTreeMap::new(),
                cost: BTreeMap::new(),
                memory: Amount::ZERO,
            });
        let (cost, quantity) = (group.values[0], group.values[2]);
        *one.cost.entry(hour.clone()).or_default() += cost;
        match meter {
            Meter::Replicas => *one.replicas.entry(hour.clone()).or_default() += quantity,
            Meter::Requests if quantity > Amount::ZERO => {
                *one.requests.entry(hour.clone()).or_default() += quantity;
            }
            Meter::Busy => *one.busy.entry(hour.clone()).or_default() += quantity,
            Meter::Memory => one.memory += quantity,
            _ => {}
        }
    }
    Ok(all.into_values().collect())
}
