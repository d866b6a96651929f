//! The catalog's next fitting machine for a size: what a right-sized machine is called and costs.

use super::{Context, Size, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use domain::offer::{OfferTable, Purchase};
use std::collections::BTreeMap;

/// What the ledger says a machine is: type and region by its id, also by the id's last part.
pub(super) type Kinds = BTreeMap<String, (String, String)>;

/// The types and regions of machines that the ledger has lines of.
pub(super) fn kinds(context: &Context<'_>) -> Result<Kinds, Error> {
    let by = vec![
        Key::parse("resource")?,
        Key::parse("resource-type")?,
        Key::parse("region")?,
    ];
    let usage = vec![is("charge", &["Usage"])?];
    let answer = context.ledger.ask(&context.question(by, usage))?;
    let mut kinds = Kinds::new();
    for group in answer.groups {
        let [Some(resource), Some(machine), Some(region)] = group.keys.as_slice() else {
            continue;
        };
        let short = resource.rsplit(['/', ':']).next().unwrap_or(resource);
        for name in [resource.as_str(), short] {
            kinds
                .entry(name.to_owned())
                .or_insert_with(|| (machine.clone(), region.clone()));
        }
    }
    Ok(kinds)
}

/// A machine of the catalog beside the present one.
pub(super) struct Fitting {
    pub(super) machine: String,
    pub(super) price: Amount,
    pub(super) present: Amount,
    /// What else changes: the processor's architecture.
    pub(super) change: Option<String>,
}

/// The cheapest machine of the same provider and region that has the size's processors and memory; the
/// present memory where none was measured, because what was not measured may not shrink. Machines with
/// accelerators are left alone. None when the catalog does not know the machine.
pub(super) fn fitting(
    offers: &OfferTable,
    (machine, region): (&str, &str),
    size: Size,
    memory: Size,
) -> Option<Fitting> {
    let mut present = None;
    for offer in offers
        .iter()
        .filter(|o| o.machine().name.as_ref() == machine && o.region() == region)
    {
        let Some(price) = offer.price(Purchase::OnDemand) else {
            continue;
        };
        let price = Amount::from(price.per_hour);
        if price > Amount::ZERO && present.as_ref().is_none_or(|(least, _)| price < *least) {
            present = Some((price, offer));
        }
    }
    let (price, own) = present?;
    let kind = own.machine();
    if kind.accelerator.is_some() {
        return None;
    }
    let needed = u64::from(kind.vcpus_milli) * u64::from(size.0);
    let least = u128::from(kind.memory_bytes) * u128::from(memory.0);
    let fits = offers.iter().filter(|offer| {
        let other = offer.machine();
        offer.provider() == own.provider()
            && offer.region() == region
            && other.accelerator.is_none()
            && u64::from(other.vcpus_milli) * 8 >= needed
            && u128::from(other.memory_bytes) * 8 >= least
    });
    let priced = fits.filter_map(|offer| {
        let price = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
        (price > Amount::ZERO).then(|| (price, offer.machine().name.clone(), offer))
    });
    let (least, name, other) = priced.min_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)))?;
    let change = (other.machine().architecture != kind.architecture).then(|| {
        format!(
            "from {} to {}",
            kind.architecture,
            other.machine().architecture
        )
    });
    Some(Fitting {
        machine: name.to_string(),
        price: least,
        present: price,
        change,
    })
}
