//! The ground on which residency rules hold, kept with every run.

use domain::region::Residency;

use crate::ask::Ask;

/// One sentence for each rule that the place satisfies.
pub(crate) fn evidence(ask: &Ask<'_>, site: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let Some(region) = ask.facts(site) else {
        return lines;
    };
    let mut tell = |what: &str, rules: &[Residency]| {
        for rule in rules {
            if let Ok(evidence) = rule.allows(region) {
                lines.push(format!("{what} `{}`: {}", evidence.rule, evidence.basis));
            }
        }
    };
    tell("residency", &ask.compute);
    tell("data residency", &ask.data);
    tell("egress residency", &ask.egress);
    lines
}
