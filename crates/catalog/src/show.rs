//! What the command line shows of a catalog: rows for tables, differences, and warnings of age.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::nearest::nearest_names;
use domain::offer::{Exactness, OfferRef, Purchase};
use serde::Serialize;

use crate::Catalog;
use crate::plausibility::Quarantined;

/// Which offers to show; everything unset means "all".
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Provider.
    pub provider: Option<String>,
    /// Region code.
    pub region: Option<String>,
    /// Machine type, or a part of its name.
    pub machine: Option<String>,
    /// Accelerator by any of its names; without effect on nothing, `none` for machines without.
    pub accelerator: Option<String>,
}

/// One price with its date and source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Dollars for an hour.
    pub per_hour: Money,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Name of the source.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

/// One offer in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfferLine {
    /// Provider.
    pub provider: Arc<str>,
    /// Region code.
    pub region: String,
    /// Zone code; empty for the whole region.
    pub zone: String,
    /// Machine type.
    pub machine: Arc<str>,
    /// Thousandths of a virtual processor.
    pub vcpus_milli: u32,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Accelerators, such as `8 H100`.
    pub accelerators: Option<String>,
    /// Prices by purchase kind, where it is sold that way.
    pub prices: BTreeMap<Purchase, Shown>,
    /// Price through each managed service, on demand.
    pub services: BTreeMap<Arc<str>, Money>,
    /// Upper edge of the interruption band in per cent.
    pub interruption_percent: Option<u8>,
}

/// A figure of a group with its date: how many offers rest on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// Name.
    pub name: Arc<str>,
    /// What it is.
    pub note: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Prices that come from it.
    pub prices: usize,
}

/// A source that has aged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aged {
    /// The source.
    pub source: SourceLine,
    /// Days since then.
    pub days: i32,
    /// One sentence for the user.
    pub warning: String,
}

/// Offers that pass the filter, cheapest on-demand price first, at most `limit`.
pub fn offers(catalog: &Catalog, filter: &Filter, limit: usize) -> Vec<OfferLine> {
    let model = filter
        .accelerator
        .as_ref()
        .map(|name| catalog.accelerators().canonical(name).0);
    let fits = |offer: &OfferRef<'_>| {
        let machine = offer.machine();
        let accelerator = machine.accelerator.as_ref();
        filter
            .provider
            .as_ref()
            .is_none_or(|it| **it == *machine.provider)
            && filter.region.as_ref().is_none_or(|it| it == offer.region())
            && filter
                .machine
                .as_ref()
                .is_none_or(|it| machine.name.contains(it.as_str()))
            && model.as_ref().is_none_or(|model| match accelerator {
                Some(accelerator) => accelerator.model == *model,
                None => &**model == "none",
            })
    };
    let mut rows: Vec<OfferRef<'_>> = catalog.offers().iter().filter(fits).collect();
    let price = |offer: &OfferRef<'_>| {
        offer
            .price(Purchase::OnDemand)
            .map_or(i64::MAX, |quote| quote.per_hour.micros)
    };
    rows.sort_by_key(|offer| (price(offer), offer.row()));
    rows.into_iter()
        .take(limit)
        .map(|offer| line(catalog, offer))
        .collect()
}

fn line(catalog: &Catalog, offer: OfferRef<'_>) -> OfferLine {
    let machine = offer.machine();
    let mut prices = BTreeMap::new();
    for purchase in Purchase::ALL {
        let Some(quote) = offer.price(purchase) else {
            continue;
        };
        let Some(source) = catalog.offers().source(quote.source) else {
            continue;
        };
        let (per_hour, exactness) = (quote.per_hour, quote.exactness);
        let (source, as_of) = (source.name.clone(), source.as_of);
        prices.insert(
            purchase,
            Shown {
                per_hour,
                exactness,
                source,
                as_of,
            },
        );
    }
    let mut services = BTreeMap::new();
    for rate in catalog.offers().service_rates(offer.machine_id()) {
        if let Some(quote) = offer.price_at(&rate.service, Purchase::OnDemand) {
            services.insert(rate.service.clone(), quote.per_hour);
        }
    }
    OfferLine {
        provider: machine.provider.clone(),
        region: offer.region().to_owned(),
        zone: offer.zone().to_owned(),
        machine: machine.name.clone(),
        vcpus_milli: machine.vcpus_milli,
        memory_bytes: machine.memory_bytes,
        accelerators: machine.accelerator.as_ref().map(ToString::to_string),
        prices,
        services,
        interruption_percent: offer.interruption_percent(),
    }
}

/// Every source that prices rest on, oldest first.
pub fn sources(catalog: &Catalog) -> Vec<SourceLine> {
    let offers = catalog.offers();
    let mut counts = vec![0_usize; offers.sources().len()];
    for row in 0..offers.len() {
        for purchase in Purchase::ALL {
            let source = offers
                .price(row, purchase)
                .map(|quote| usize::from(quote.source.0));
            if let Some(count) = source.and_then(|source| counts.get_mut(source)) {
                *count += 1;
            }
        }
    }
    let used = offers
        .sources()
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0);
    let mut lines: Vec<SourceLine> = used
        .map(|(source, prices)| SourceLine {
            name: source.name.clone(),
            note: source.note.clone(),
            as_of: source.as_of,
            exactness: source.exactness,
            prices,
        })
        .collect();
    lines.sort_by(|a, b| (a.as_of, &a.name).cmp(&(b.as_of, &b.name)));
    lines
}

/// Sources older than `limit` days, oldest first; a source from the future is named too.
pub fn aged(catalog: &Catalog, today: Day, limit: i32) -> Vec<Aged> {
    let mut found = Vec::new();
    for source in sources(catalog) {
        let days = today.days_since(source.as_of);
        let warning = if days > limit {
            let (prices, name) = (source.prices, &source.name);
            format!(
                "{prices} prices of `{name}` are {days} days old; `catalog refresh` renews them"
            )
        } else if days < 0 {
            format!(
                "prices of `{}` are dated {} days ahead of today",
                source.name, -days
            )
        } else {
            continue;
        };
        found.push(Aged {
            source,
            days,
            warning,
        });
    }
    found
}

/// Quarantined figures of a provider, region or machine; `None` means all.
pub fn quarantined<'a>(
    catalog: &'a Catalog,
    filter: &'a Filter,
) -> impl Iterator<Item = &'a Quarantined> {
    catalog.quarantined().iter().filter(|it| {
        filter
            .provider
            .as_ref()
            .is_none_or(|wanted| *wanted == it.provider)
            && filter
                .region
                .as_ref()
                .is_none_or(|wanted| *wanted == it.region)
            && filter
                .machine
                .as_ref()
                .is_none_or(|wanted| it.machine.contains(wanted.as_str()))
    })
}

/// Machine types with names close to the one that was not found.
pub fn nearest_machines(catalog: &Catalog, name: &str) -> Vec<String> {
    let known = catalog
        .offers()
        .machines()
        .iter()
        .map(|machine| &*machine.name);
    nearest_names(name, known)
        .into_iter()
        .map(str::to_owned)
        .collect()
}
