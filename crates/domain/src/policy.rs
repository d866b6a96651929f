//! What the owner of a workload demands of its placement: money, time, place, retries.

use crate::{Money, Span};
use serde::{Deserialize, Serialize};

/// How capacity is bought.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PurchaseKind {
    /// By the second, as long as wanted.
    OnDemand,
    /// Spare capacity that can be taken back.
    Spot,
    /// Capacity that is already paid for.
    Committed,
}

/// How often and how patiently a failed attempt is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Pause before the second attempt; doubled for each further one.
    pub backoff: Span,
    /// Longest pause.
    pub longest_backoff: Span,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 1,
            backoff: Span::seconds(5),
            longest_backoff: Span::minutes(10),
        }
    }
}

impl RetryPolicy {
    /// The pause before attempt `next` (2 is the first repetition).
    pub fn pause_before(&self, next: u32) -> Span {
        let mut pause = self.backoff;
        for _ in 2..next {
            pause = pause.doubled(self.longest_backoff);
        }
        pause.min(self.longest_backoff)
    }
}

/// The owner's demands. Everything unset means "no demand".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// Residency rules by name (`eu`, `gdpr`, `not: cn` is written `not:cn`), all of which hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub residency: Vec<String>,
    /// Most that the whole workload may cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_cost: Option<Money>,
    /// Most that it may cost in an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_hourly_price: Option<Money>,
    /// When it must be done, counted from submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// Purchase kinds that may be used; empty means on demand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub purchase: Vec<PurchaseKind>,
    /// Providers that may be used; empty means all that are configured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    /// Repetition after failures.
    pub retries: RetryPolicy,
    /// Time that one attempt may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy {
            attempts: 9,
            backoff: Span::seconds(10),
            longest_backoff: Span::seconds(35),
        };
        let pauses: Vec<_> = (2..6).map(|n| policy.pause_before(n).0 / 1000).collect();
        assert_eq!(pauses, [10, 20, 35, 35]);
    }
}
