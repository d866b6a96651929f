//! All machines together must not cost more in an hour than is allowed.

use domain::Money;

use super::Rule;
use crate::ask::{Ask, Candidate};

/// The cap on the hourly price.
pub(super) struct HourlyPrice;

impl Rule for HourlyPrice {
    fn name(&self) -> &'static str {
        "hourly price"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.policy.maximum_hourly_price.is_some()
    }

    fn offer(&self, ask: &Ask<'_>, candidate: Candidate) -> bool {
        let Some(most) = ask.workload.policy.maximum_hourly_price else {
            return true;
        };
        ask.hourly(candidate)
            .is_some_and(|hourly| hourly <= most.micros)
    }

    fn offers(&self) -> bool {
        true
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let hourly = Money::micros(ask.hourly(candidate).unwrap_or(i64::MAX));
        let most = ask.workload.policy.maximum_hourly_price.unwrap_or_default();
        format!("it costs {hourly} an hour where {most} are allowed")
    }
}
