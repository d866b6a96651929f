//! A workload must fit into every quota that counts it.

use domain::Span;

use super::Rule;
use crate::ask::{Ask, Candidate};
use crate::question::{Quota, QuotaUnit};

/// Quotas of providers.
pub(super) struct Quotas;

/// How an offer stands to one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The quota does not count it.
    Uncounted,
    /// It fits now and takes so many units.
    Fits(i64),
    /// It fits once what is held is free again.
    Waits(i64, Span),
    /// It can never fit.
    TooLarge(i64),
}

/// How an offer stands to a quota.
pub(crate) fn standing(ask: &Ask<'_>, quota: &Quota, candidate: Candidate) -> Standing {
    let row = candidate.row as usize;
    let machine = &ask.market.machines[ask.market.machine[row] as usize];
    let site = &ask.market.sites[usize::from(ask.market.site[row])];
    let counted = *machine.provider == *quota.provider
        && quota.region.as_deref().is_none_or(|it| *it == *site.region)
        && (quota.families.is_empty()
            || quota.families.iter().any(|it| machine.name.starts_with(it)))
        && quota
            .purchase
            .is_none_or(|it| candidate.purchase() == Some(it));
    if !counted {
        return Standing::Uncounted;
    }
    let each = match &quota.unit {
        QuotaUnit::MilliCpus => i64::from(machine.vcpus_milli),
        QuotaUnit::Machines => 1,
        QuotaUnit::MilliAccelerators { model } => machine
            .accelerator
            .as_ref()
            .filter(|has| has.model.eq_ignore_ascii_case(ask.market.canonical(model)))
            .map_or(0, |has| i64::from(has.count_milli)),
    };
    let units = each.saturating_mul(i64::from(ask.workload.nodes()));
    if units == 0 {
        return Standing::Uncounted;
    }
    if units <= quota.limit.saturating_sub(quota.used) {
        return Standing::Fits(units);
    }
    match quota.frees_in {
        Some(wait) if units <= quota.limit => Standing::Waits(units, wait),
        _ => Standing::TooLarge(units),
    }
}

impl Rule for Quotas {
    fn name(&self) -> &'static str {
        "quota"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.question.quotas.is_empty()
    }

    fn offer(&self, ask: &Ask<'_>, candidate: Candidate) -> bool {
        let mut quotas = ask.question.quotas.iter();
        !quotas.any(|quota| matches!(standing(ask, quota, candidate), Standing::TooLarge(_)))
    }

    fn offers(&self) -> bool {
        true
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        for quota in &ask.question.quotas {
            if let Standing::TooLarge(units) = standing(ask, quota, candidate) {
                let free = quota.limit.saturating_sub(quota.used);
                return format!(
                    "the quota `{}` has {free} left where {units} are needed",
                    quota.name
                );
            }
        }
        String::new()
    }
}
