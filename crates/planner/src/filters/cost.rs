//! The whole run on the offer must not cost more than is allowed.

use domain::Money;

use crate::estimate;

use super::Rule;
use crate::ask::{Ask, Candidate};

/// The cap on the cost of a workload: compute, disk and data from and to fixed places.
pub(super) struct Cost;

impl Rule for Cost {
    fn name(&self) -> &'static str {
        "cost"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.policy.maximum_cost.is_some()
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let most = ask.workload.policy.maximum_cost.unwrap_or_default();
        let cost = estimate::terms(ask, candidate).map_or(i64::MAX, |terms| {
            terms
                .cost()
                .saturating_add(estimate::transfer::fixed(ask, candidate))
        });
        format!(
            "the run would cost {} where {most} are allowed",
            Money::micros(cost)
        )
    }
}
