//! What it costs to bring data from and to its fixed places must be known.

use super::Rule;
use crate::ask::{Ask, Candidate};
use crate::estimate::transfer::{region_card, region_index};

/// Known prices of transfers.
pub(super) struct KnownTransfer;

impl Rule for KnownTransfer {
    fn name(&self) -> &'static str {
        "transfer price"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.ends.is_empty()
    }

    fn site(&self, ask: &Ask<'_>, site: usize) -> bool {
        let market = ask.market;
        let here = market.region_of[site];
        let known = |from: u16, to: u16| {
            from == to || market.cards[usize::from(region_card(market, from, to))].known
        };
        let there = |data| region_index(market, data);
        ask.workload
            .inputs
            .iter()
            .all(|data| there(data).is_some_and(|from| known(from, here)))
            && ask
                .workload
                .outputs
                .iter()
                .all(|data| there(data).is_some_and(|to| known(here, to)))
    }

    fn can_relax(&self) -> bool {
        false
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let site = usize::from(ask.market.site[candidate.row as usize]);
        format!(
            "what moving its data to or from `{}` costs is not known",
            ask.market.sites[site]
        )
    }
}
