//! The region must be near enough.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Great-circle distance to a place.
pub(super) struct Distance;

impl Rule for Distance {
    fn name(&self) -> &'static str {
        "distance"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.near.is_some()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let (Some(near), Some(bound)) = (ask.near, &ask.workload.bounds.near) else {
            return true;
        };
        ask.facts(site)
            .is_some_and(|region| region.distance_km(near) <= bound.kilometres)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let most = ask
            .workload
            .bounds
            .near
            .as_ref()
            .map_or(0, |near| near.kilometres);
        match (ask.facts(site), ask.near) {
            (Some(region), Some(near)) => format!(
                "`{}` is {} km from `{}` where {most} km are allowed",
                ask.market.sites[site],
                region.distance_km(near),
                near.code
            ),
            _ => format!("it is not known where `{}` lies", ask.market.sites[site]),
        }
    }
}
