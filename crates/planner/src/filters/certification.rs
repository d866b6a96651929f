//! The region must have the certifications that are asked for.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Certifications of a region.
pub(super) struct Certifications;

impl Rule for Certifications {
    fn name(&self) -> &'static str {
        "certification"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.bounds.certifications.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let wanted = &ask.workload.bounds.certifications;
        wanted.is_empty()
            || ask.facts(site).is_some_and(|region| {
                wanted.iter().all(|it| {
                    region
                        .certifications
                        .iter()
                        .any(|has| has.eq_ignore_ascii_case(it))
                })
            })
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let wanted = ask.workload.bounds.certifications.join(", ");
        format!(
            "`{}` is not known to be certified for all of {wanted}",
            ask.market.sites[site]
        )
    }
}
