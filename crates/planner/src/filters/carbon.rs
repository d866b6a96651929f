//! The grid of the region must not carry more carbon than is allowed, where that is known.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Carbon of the region's grid.
pub(super) struct Carbon;

impl Rule for Carbon {
    fn name(&self) -> &'static str {
        "carbon"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.bounds.carbon.is_some()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let Some(most) = ask.workload.bounds.carbon else {
            return true;
        };
        let known = ask.facts(site).and_then(|region| region.carbon.as_ref());
        known.is_none_or(|carbon| carbon.milligrams_per_kwh <= most)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let most = ask.workload.bounds.carbon.unwrap_or_default();
        let known = ask.facts(site).and_then(|region| region.carbon.as_ref());
        let has = known.map_or(0, |carbon| carbon.milligrams_per_kwh);
        format!(
            "the grid of `{}` carries {} g/kWh where {} g/kWh are allowed",
            ask.market.sites[site],
            has / 1000,
            most / 1000
        )
    }
}
