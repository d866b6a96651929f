//! Rejected offers by the rule that rejected them.

use crate::ask::{Ask, Candidate};
use crate::filters::RULES;
use crate::plan::Rejected;
use crate::shortlist::Tally;

/// One group for each rule that rejected something, in the order of the rules.
pub(crate) fn rejected(ask: &Ask<'_>, tally: &Tally) -> Vec<Rejected> {
    let mut groups = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        let bit = 1 << index;
        let (mut offers, mut alone) = (0, 0);
        let mut example: Option<(u32, Candidate)> = None;
        for (&broken, &(count, first)) in tally {
            if broken & bit == 0 {
                continue;
            }
            offers += count;
            if broken == bit {
                alone += count;
            }
            // The example that breaks the fewest rules is the nearest miss.
            let near = broken.count_ones();
            if example.is_none_or(|(known, _)| near < known) {
                example = Some((near, first));
            }
        }
        if let Some((_, candidate)) = example {
            groups.push(Rejected {
                rule: rule.name().to_owned(),
                offers,
                alone,
                example: ask.market.offer_name(candidate.row as usize),
                why: rule.why(ask, candidate),
            });
        }
    }
    groups
}
