//! The region must be one that may be used.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Regions that may be used.
pub(super) struct Regions;

impl Rule for Regions {
    fn name(&self) -> &'static str {
        "region"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.bounds.regions.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let allowed = &ask.workload.bounds.regions;
        allowed.is_empty() || allowed.iter().any(|it| ask.market.sites[site].is(it))
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let allowed = ask.workload.bounds.regions.join(", ");
        format!(
            "`{}` is not among the regions {allowed}",
            ask.market.sites[site].region
        )
    }
}
