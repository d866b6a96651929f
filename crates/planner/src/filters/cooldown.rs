//! Offers that were refused a moment ago are left alone until they have cooled down.

use domain::Timestamp;

use super::Rule;
use crate::ask::{Ask, Candidate};
use crate::question::Denied;

/// Cool-down after refusals.
pub(super) struct Cooldown;

/// Until when an offer is left alone, and the refusal that says so.
pub(crate) fn barred<'a>(ask: &Ask<'a>, candidate: Candidate) -> Option<(Timestamp, &'a Denied)> {
    let purchase = candidate.purchase()?;
    let row = candidate.row as usize;
    let site = &ask.market.sites[usize::from(ask.market.site[row])];
    let machine = &ask.market.machines[ask.market.machine[row] as usize];
    let offer = (&*site.provider, &*site.region, &*site.zone, &*machine.name);
    ask.question
        .refusals
        .cooling(offer, purchase, ask.question.now)
}

impl Rule for Cooldown {
    fn name(&self) -> &'static str {
        "cool-down"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.question.refusals.0.is_empty()
    }

    fn offer(&self, ask: &Ask<'_>, candidate: Candidate) -> bool {
        barred(ask, candidate).is_none()
    }

    fn offers(&self) -> bool {
        true
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        barred(ask, candidate).map_or_else(String::new, |(until, denied)| {
            let left = until.since(ask.question.now);
            format!(
                "it was refused (`{}`) and cools down for another {left}",
                denied.reason
            )
        })
    }
}
