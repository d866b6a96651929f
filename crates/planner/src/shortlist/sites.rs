//! Places judged by the rules, once each.

use std::collections::BTreeMap;

use crate::ask::Ask;
use crate::filters::{RULES, RuleSet};

/// Distinct verdicts over places, and which each place has.
pub(super) fn judge_sites(ask: &Ask<'_>, relaxed: RuleSet) -> (Vec<u8>, Vec<RuleSet>) {
    let mut classes = vec![0];
    let mut by_site = Vec::with_capacity(ask.market.sites.len());
    let rules: Vec<usize> = (0..RULES.len())
        .filter(|&index| relaxed & (1 << index) == 0 && RULES[index].asked(ask))
        .collect();
    // Zones of a region are judged alike, and follow each other only by chance.
    let mut known: BTreeMap<u16, u8> = BTreeMap::new();
    for (site, region) in ask.market.region_of.iter().enumerate() {
        let class = *known.entry(*region).or_insert_with(|| {
            let broken = rules.iter().filter(|&&index| !RULES[index].site(ask, site));
            let mask = broken.fold(0, |mask, &index| mask | 1 << index);
            let found = classes
                .iter()
                .position(|&it| it == mask)
                .unwrap_or_else(|| {
                    classes.push(mask);
                    classes.len() - 1
                });
            u8::try_from(found).unwrap_or(u8::MAX)
        });
        by_site.push(class);
    }
    (by_site, classes)
}
