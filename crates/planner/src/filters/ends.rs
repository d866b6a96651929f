//! Residency rules at the two kinds of places that data is at: where a workload runs, and where its
//! fixed inputs and outputs lie.

use domain::region::Residency;

use crate::ask::{Ask, Candidate};

/// Whether all rules hold where a workload would run; of a place that nothing is known about, no
/// rule holds.
pub(super) fn at_site(ask: &Ask<'_>, site: usize, rules: &[Residency]) -> bool {
    rules.is_empty()
        || ask
            .facts(site)
            .is_some_and(|region| rules.iter().all(|rule| rule.allows(region).is_ok()))
}

/// Whether all rules hold at the fixed ends.
pub(super) fn at_ends(ask: &Ask<'_>, rules: &[Residency]) -> bool {
    let mut ends = ask.ends.iter();
    ends.all(|end| rules.iter().all(|rule| rule.allows(end).is_ok()))
}

/// Which rule does not hold, at an end or at the place.
pub(super) fn why_not(
    ask: &Ask<'_>,
    candidate: Candidate,
    here: &[Residency],
    at_ends: &[Residency],
) -> String {
    for end in &ask.ends {
        if let Some(why) = at_ends.iter().find_map(|rule| rule.allows(end).err()) {
            return format!(
                "data of `{}` lies where it may not: {why}",
                ask.workload.name
            );
        }
    }
    let site = usize::from(ask.market.site[candidate.row as usize]);
    let why = ask
        .facts(site)
        .map(|region| here.iter().find_map(|rule| rule.allows(region).err()));
    match why.flatten() {
        Some(why) => why.to_string(),
        None => format!(
            "nothing is known about where `{}` lies",
            ask.market.sites[site]
        ),
    }
}
