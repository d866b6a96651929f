//! Both ends of every path the data takes must be where data may pass.

use super::Rule;
use super::ends::{at_ends, at_site, why_not};
use crate::ask::{Ask, Candidate};

/// Residency of the paths of data.
pub(super) struct EgressResidency;

impl Rule for EgressResidency {
    fn name(&self) -> &'static str {
        "egress residency"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.egress_here.is_empty() || !(ask.egress_ends.is_empty() || ask.ends.is_empty())
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        at_site(ask, site, &ask.egress_here) && at_ends(ask, &ask.egress_ends)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        why_not(ask, candidate, &ask.egress_here, &ask.egress_ends)
    }
}
