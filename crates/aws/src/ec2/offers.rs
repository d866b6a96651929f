//! AWS' machines in the catalog of offers.

use super::fault::no_catalog;
use crate::fault::Fault;
use crate::operation::Call;
use domain::offer::{OfferRef, OfferTable};
use std::sync::Arc;

/// The provider whose offers these are.
const AWS: &str = "aws";

/// The catalog.
pub(super) fn table(call: &Call<'_>) -> Result<Arc<OfferTable>, Fault> {
    call.aws.offers.table().ok_or_else(no_catalog)
}

/// AWS' offers in a region, by machine and zone.
pub(super) fn of_region<'a>(
    table: &'a OfferTable,
    region: &str,
) -> impl Iterator<Item = OfferRef<'a>> {
    let places = table.regions().iter();
    let place = places
        .clone()
        .position(|(provider, code)| &**provider == AWS && &**code == region);
    let place = place.and_then(|place| u16::try_from(place).ok());
    table
        .iter()
        .filter(move |offer| place == Some(offer.region_id().0))
}

/// The codes of AWS' regions that have offers.
pub(super) fn regions(table: &OfferTable) -> Vec<&str> {
    let own = table
        .regions()
        .iter()
        .filter(|(provider, _)| &**provider == AWS);
    let mut codes: Vec<&str> = own.map(|(_, code)| &**code).collect();
    codes.sort_unstable();
    codes
}

/// The zones of a region that offers name.
pub(super) fn zones(table: &OfferTable, region: &str) -> Vec<String> {
    let named = of_region(table, region).map(|offer| offer.zone().to_owned());
    let mut zones: Vec<String> = named.filter(|zone| !zone.is_empty()).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}
