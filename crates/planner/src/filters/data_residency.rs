//! Data must only be stored where it may be: at whoever writes it, reads it, and at its fixed ends.

use super::Rule;
use super::ends::{at_ends, at_site, why_not};
use crate::ask::{Ask, Candidate};

/// Residency of data.
pub(super) struct DataResidency;

impl Rule for DataResidency {
    fn name(&self) -> &'static str {
        "data residency"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.data_here.is_empty() || !(ask.data.is_empty() || ask.ends.is_empty())
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        at_site(ask, site, &ask.data_here) && at_ends(ask, &ask.data)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        why_not(ask, candidate, &ask.data_here, &ask.data)
    }
}
