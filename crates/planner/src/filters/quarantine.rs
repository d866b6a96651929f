//! Prices that cannot be right are never planned on.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Barred prices.
pub(super) struct Quarantine;

impl Rule for Quarantine {
    fn name(&self) -> &'static str {
        "quarantine"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.market.quarantined.is_empty()
    }

    fn offer(&self, ask: &Ask<'_>, candidate: Candidate) -> bool {
        let crate::ask::Taking::Bought(column) = candidate.taking else {
            return true;
        };
        let price = ask.market.prices[usize::from(column)][candidate.row as usize];
        price != crate::market::QUARANTINED
    }

    fn offers(&self) -> bool {
        true
    }

    fn can_relax(&self) -> bool {
        false
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let place = &ask.market.sites[site];
        let found = ask.market.quarantined.iter().find(|it| {
            *it.machine == *machine.name
                && *it.provider == *machine.provider
                && *it.region == *place.region
                && it.zone.as_deref().is_none_or(|zone| *zone == *place.zone)
                && it
                    .purchase
                    .is_none_or(|kind| candidate.purchase() == Some(kind))
        });
        found.map_or_else(|| "the price is barred".to_owned(), |it| it.reason.clone())
    }
}
