//! The provider must be one that may be used.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Providers that may be used.
pub(super) struct Providers;

impl Rule for Providers {
    fn name(&self) -> &'static str {
        "provider"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.policy.providers.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let allowed = &ask.workload.policy.providers;
        allowed.is_empty()
            || allowed
                .iter()
                .any(|it| **it == *ask.market.sites[site].provider)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        let allowed = ask.workload.policy.providers.join(", ");
        format!(
            "`{}` is not among the providers {allowed}",
            ask.market.sites[site].provider
        )
    }
}
