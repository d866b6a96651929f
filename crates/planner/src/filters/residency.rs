//! The machine must stand where computing is allowed.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Residency of compute.
pub(super) struct ComputeResidency;

impl Rule for ComputeResidency {
    fn name(&self) -> &'static str {
        "residency"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.compute.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        if ask.compute.is_empty() {
            return true;
        }
        let Some(region) = ask.facts(site) else {
            return false;
        };
        ask.compute.iter().all(|rule| rule.allows(region).is_ok())
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let why = ask.facts(site).map(|region| {
            ask.compute
                .iter()
                .find_map(|rule| rule.allows(region).err())
        });
        match why.flatten() {
            Some(why) => why.to_string(),
            None => format!(
                "nothing is known about where `{}` lies",
                ask.market.sites[site]
            ),
        }
    }
}
