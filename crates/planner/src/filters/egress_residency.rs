//! Both ends of every path the data takes must be where data may pass.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Residency of the paths of data.
pub(super) struct EgressResidency;

impl Rule for EgressResidency {
    fn name(&self) -> &'static str {
        "egress residency"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.egress.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        if ask.egress.is_empty() {
            return true;
        }
        let Some(region) = ask.facts(site) else {
            return false;
        };
        ask.egress.iter().all(|rule| rule.allows(region).is_ok())
            && ask
                .ends
                .iter()
                .all(|end| ask.egress.iter().all(|rule| rule.allows(end).is_ok()))
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        for end in &ask.ends {
            if let Some(why) = ask.egress.iter().find_map(|rule| rule.allows(end).err()) {
                return format!(
                    "data of `{}` lies where it may not: {why}",
                    ask.workload.name
                );
            }
        }
        let why = ask
            .facts(site)
            .map(|region| ask.egress.iter().find_map(|rule| rule.allows(region).err()));
        match why.flatten() {
            Some(why) => why.to_string(),
            None => format!(
                "nothing is known about where `{}` lies",
                ask.market.sites[site]
            ),
        }
    }
}
