//! What a reader of a plan should know besides the figures.

use domain::offer::Exactness;

use crate::ask::Ask;
use crate::estimate::disk;
use crate::filters::cooling;
use crate::plan::{Payment, Placed};
use crate::shortlist::Shortlist;

/// Notes on one placement.
pub(crate) fn notes(ask: &Ask<'_>, list: &Shortlist, placed: &Placed, row: usize) -> Vec<String> {
    let name = &placed.workload;
    let mut notes = Vec::new();
    if placed.offer.price.exactness == Exactness::Estimated {
        let source = &placed.offer.price.source;
        notes.push(format!("the price of `{name}` is an estimate (`{source}`)"));
    }
    if let Some(service) = &placed.offer.service {
        let rates = &ask.market.rates[ask.market.machine[row] as usize];
        let mut rates = rates.iter().filter(|it| *it.service == **service);
        if rates.any(|it| it.exactness == Exactness::Estimated) {
            notes.push(format!(
                "what `{service}` asks on top of the machine of `{name}` is an estimate"
            ));
        }
    }
    if disk::is_assumed(ask, row) {
        notes.push(format!(
            "the disk of `{name}` is reckoned at an assumed price"
        ));
    }
    if placed.offer.payment == Payment::Spot && placed.offer.interruption_percent.is_none() {
        notes.push(format!(
            "how often the spot machine of `{name}` is interrupted is not known; 20 % a month is \
             assumed"
        ));
    }
    let site = usize::from(ask.market.site[row]);
    let carbon = ask.facts(site).and_then(|region| region.carbon.as_ref());
    if ask.workload.bounds.carbon.is_some() && carbon.is_none() {
        notes.push(format!(
            "the carbon of the grid of `{name}` is not known and was not checked"
        ));
    }
    for &(_, example) in list.tally.values() {
        if let Some((until, denied)) = cooling(ask, example) {
            notes.push(format!(
                "`{name}` avoids {} for another {}: it was refused (`{}`)",
                ask.market.offer_name(example.row as usize),
                until.since(ask.question.now),
                denied.reason
            ));
            break;
        }
    }
    notes
}
