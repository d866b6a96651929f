//! The machines that a recommendation is about, in the catalog.

use costs::Amount;
use costs::rules::Size;
use domain::offer::{OfferRef, OfferTable, Purchase};
use serde_json::{Value, json};

/// AWS' offer of a type in a region.
pub(super) fn offer<'a>(offers: &'a OfferTable, kind: &str, region: &str) -> Option<OfferRef<'a>> {
    let mut all = offers.iter().filter(|offer| offer.provider() == "aws");
    all.find(|offer| &*offer.machine().name == kind && offer.region() == region)
}

pub(super) fn details(
    kind: Option<&str>,
    region: Option<&str>,
    offer: Option<OfferRef<'_>>,
) -> Value {
    let mut shown = json!({"Platform": "Linux/UNIX"});
    if let Some(kind) = kind {
        shown["InstanceType"] = json!(kind);
    }
    if let Some(region) = region {
        shown["Region"] = json!(region);
    }
    if let Some(offer) = offer {
        let machine = offer.machine();
        shown["Vcpu"] = json!((machine.vcpus_milli / 1_000).to_string());
        shown["Memory"] = json!(format!(
            "{} GiB",
            machine.memory_bytes as f64 / f64::from(1 << 30)
        ));
        if let Some(quote) = offer.price(Purchase::OnDemand) {
            shown["HourlyOnDemandRate"] = json!(Amount::from(quote.per_hour).to_string());
        }
    }
    shown
}

/// The cheapest machine of that size against the present one: as many processors as the size asks
/// for, in the same region and of the same architecture, with the share of the memory at least that its
/// own size asks for.
pub(super) fn fitting<'a>(
    offers: &'a OfferTable,
    present: OfferRef<'a>,
    (size, memory): (Size, Size),
    same_family: bool,
) -> Option<OfferRef<'a>> {
    let own = present.machine();
    let family = |name: &str| name.split('.').next().unwrap_or("").to_owned();
    let part = |whole: u64, size: Size| whole * u64::from(size.0) / 8;
    let need = part(u64::from(own.vcpus_milli), size);
    let memory = part(own.memory_bytes, memory);
    let fits = offers.iter().filter(|offer| {
        let machine = offer.machine();
        offer.provider() == "aws"
            && offer.region() == present.region()
            && machine.architecture == own.architecture
            && machine.accelerator == own.accelerator
            && machine.name != own.name
            && u64::from(machine.vcpus_milli) >= need
            && machine.memory_bytes >= memory
            && (!same_family || family(&machine.name) == family(&own.name))
    });
    let priced = fits.filter_map(|offer| Some((offer.price(Purchase::OnDemand)?.per_hour, offer)));
    let (price, found) = priced.min_by_key(|(price, offer)| (*price, offer.row()))?;
    let now = present.price(Purchase::OnDemand)?.per_hour;
    // Smaller and not cheaper is no advice; a larger one may cost what it costs.
    (size > Size::SAME || price < now).then_some(found)
}
