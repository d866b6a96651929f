//! Data must only be stored where it may be: at whoever writes it, reads it, and at its fixed ends.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Residency of data.
pub(super) struct DataResidency;

impl Rule for DataResidency {
    fn name(&self) -> &'static str {
        "data residency"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.data.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        if ask.data.is_empty() {
            return true;
        }
        let Some(region) = ask.facts(site) else {
            return false;
        };
        ask.data.iter().all(|rule| rule.allows(region).is_ok())
            && ask
                .ends
                .iter()
                .all(|end| ask.data.iter().all(|rule| rule.allows(end).is_ok()))
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        for end in &ask.ends {
            if let Some(why) = ask.data.iter().find_map(|rule| rule.allows(end).err()) {
                return format!(
                    "data of `{}` lies where it may not: {why}",
                    ask.workload.name
                );
            }
        }
        let why = ask
            .facts(site)
            .map(|region| ask.data.iter().find_map(|rule| rule.allows(region).err()));
        match why.flatten() {
            Some(why) => why.to_string(),
            None => format!(
                "nothing is known about where `{}` lies",
                ask.market.sites[site]
            ),
        }
    }
}
