//! `policy:` what the owner demands of place, price and time.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{OneOrMore, Text};

/// Demands. Everything left out means no demand.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Policy {
    /// Where code and data may be: eu, gdpr, us, not:cn, …; all of them hold.
    pub(crate) residency: Option<OneOrMore>,
    /// Most that the whole may cost: 20 USD.
    pub(crate) maximum_cost: Option<Text>,
    /// Most that it may cost in an hour: 3 USD.
    pub(crate) maximum_hourly_price: Option<Text>,
    /// When it must be done, from submission: 6h.
    pub(crate) deadline: Option<Text>,
    /// How capacity may be bought: on-demand, spot, committed.
    pub(crate) purchase: Option<OneOrMore>,
    /// Providers that may be used: local, kubernetes, slurm, aws, google, azure.
    pub(crate) providers: Option<OneOrMore>,
    /// What to do after a failure.
    pub(crate) retries: Option<Retries>,
    /// Time that one attempt may take: 2h.
    pub(crate) timeout: Option<Text>,
}

/// Repetition after failures.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Retries {
    /// Attempts in all, the first included.
    pub(crate) attempts: Option<Text>,
    /// Pause before the second attempt, doubled for each further one: 10s.
    pub(crate) backoff: Option<Text>,
    /// Longest pause: 10m.
    pub(crate) longest_backoff: Option<Text>,
}
