//! Expected time in the queue: known queues, and quotas that are full for now.

use crate::ask::{Ask, Candidate};
use crate::filters::{Standing, standing};
use crate::question::matches;

/// Milliseconds before the machines can be had.
pub(crate) fn expected(ask: &Ask<'_>, candidate: Candidate) -> i64 {
    let mut longest = 0;
    let row = candidate.row as usize;
    if !ask.question.waits.is_empty() {
        let machine = &ask.market.machines[ask.market.machine[row] as usize];
        let site = &ask.market.sites[usize::from(ask.market.site[row])];
        for known in &ask.question.waits {
            let same = *known.provider == *machine.provider
                && known.region.as_deref().is_none_or(|it| *it == *site.region)
                && known
                    .machine
                    .as_deref()
                    .is_none_or(|it| matches(it, &machine.name))
                && known
                    .purchase
                    .is_none_or(|it| candidate.purchase() == Some(it));
            if same {
                longest = longest.max(known.wait.0);
            }
        }
    }
    for quota in &ask.question.quotas {
        if let Standing::Waits(_, wait) = standing(ask, quota, candidate) {
            longest = longest.max(wait.0);
        }
    }
    longest.max(0)
}
