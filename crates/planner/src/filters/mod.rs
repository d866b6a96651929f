//! Hard rules: what an offer must be to be considered at all.
//!
//! One rule a file. A rule looks at machine types, at places or at single offers, and each says
//! in words why it rejected something and what relaxing it would mean. To add one: write its file
//! and add one line to [`RULES`].

mod accelerator;
mod architecture;
mod carbon;
mod certification;
mod cooldown;
mod cost;
mod cpu;
mod data_residency;
mod distance;
mod egress_residency;
mod ends;
mod hourly_price;
mod instance_type;
mod measure;
mod memory;
mod provider;
mod purchase;
mod quarantine;
mod quota;
mod region;
mod residency;
mod run_time;
mod service;
mod transfer;

pub(crate) use cooldown::barred as cooling;
pub(crate) use quota::{Standing, standing};

use crate::ask::{Ask, Candidate};

/// A hard rule.
pub(crate) trait Rule: Sync {
    /// One or two words, the same in every explanation.
    fn name(&self) -> &'static str;

    /// Whether the workload asks for anything that this rule could reject.
    fn asked(&self, ask: &Ask<'_>) -> bool;

    /// Whether a machine type passes.
    fn machine(&self, _ask: &Ask<'_>, _machine: usize) -> bool {
        true
    }

    /// Whether a place passes.
    fn site(&self, _ask: &Ask<'_>, _site: usize) -> bool {
        true
    }

    /// Whether an offer passes; only asked when [`Rule::offers`] says so.
    fn offer(&self, _ask: &Ask<'_>, _candidate: Candidate) -> bool {
        true
    }

    /// Whether the rule looks at single offers.
    fn offers(&self) -> bool {
        false
    }

    /// Whether the caller could give way; facts of the market do not.
    fn can_relax(&self) -> bool {
        true
    }

    /// Why an offer that this rule rejects is rejected.
    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String;
}

/// All rules, in the order in which explanations name them.
pub(crate) static RULES: [&dyn Rule; 23] = [
    &accelerator::Accelerators,
    &cpu::Cpus,
    &memory::Memory,
    &architecture::Architectures,
    &instance_type::InstanceType,
    &service::Service,
    &run_time::KnownRunTime,
    &provider::Providers,
    &region::Regions,
    &residency::ComputeResidency,
    &data_residency::DataResidency,
    &egress_residency::EgressResidency,
    &certification::Certifications,
    &distance::Distance,
    &carbon::Carbon,
    &purchase::Purchases,
    &quarantine::Quarantine,
    &hourly_price::HourlyPrice,
    &cooldown::Cooldown,
    &quota::Quotas,
    &cost::Cost,
    &measure::Measure,
    &transfer::KnownTransfer,
];

/// A set of rules by their positions in [`RULES`].
pub(crate) type RuleSet = u32;

/// Position of the rule that looks at final estimates.
pub(crate) const COST: usize = 20;
/// Position of the rule about what can be reckoned with.
pub(crate) const MEASURE: usize = 21;
/// Position of the rule about quotas.
pub(crate) const QUOTA: usize = 19;
/// Position of the rule about the purchase kind.
pub(crate) const PURCHASE: usize = 15;
/// Position of the rule about barred prices.
pub(crate) const QUARANTINE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_names_are_what_they_say() {
        assert_eq!(RULES[COST].name(), "cost");
        assert_eq!(RULES[MEASURE].name(), "estimate");
        assert_eq!(RULES[QUOTA].name(), "quota");
        assert_eq!(RULES[PURCHASE].name(), "purchase");
        assert_eq!(RULES[QUARANTINE].name(), "quarantine");
        for (index, rule) in RULES.iter().enumerate() {
            assert!(
                RULES[..index]
                    .iter()
                    .all(|other| other.name() != rule.name())
            );
        }
    }
}
