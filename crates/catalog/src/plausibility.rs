//! Figures that cannot be right are set aside with a reason and never planned on.
//!
//! The rules, in order:
//!
//! 1. `figure`: what is written is a positive amount of a currency that can be converted;
//! 2. `placeholder`: machines of different sizes do not all have one price;
//! 3. `regions`: an on-demand price agrees with the type's other regions, after the usual price
//!    level of the region;
//! 4. `family`: a larger machine of a family costs more than a smaller one in the same region;
//! 5. `spot`: a spot price lies below the on-demand price, and not absurdly far.
//!
//! A row whose on-demand price fails loses its other prices too: they are mostly derived from it.

mod family;
mod figure;
mod placeholder;
mod regions;
mod spot;

use std::collections::BTreeMap;

use domain::Money;
use domain::offer::{Offer, OfferTable, OfferTableBuilder, Purchase};
use serde::Serialize;

pub use figure::{BadFigure, read_figure};

use crate::Error;
use crate::import::{ExchangeRates, Row, Rows};

/// A figure that is not planned on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Quarantined {
    /// The provider.
    pub provider: String,
    /// The machine type.
    pub machine: String,
    /// Its accelerators, such as `8 H100`; empty without.
    pub accelerator: String,
    /// Region code.
    pub region: String,
    /// Zone code; empty for the whole region.
    pub zone: String,
    /// Which of its prices.
    pub purchase: Purchase,
    /// The figure as the list has it, with its currency.
    pub figure: String,
    /// Name of the list it comes from.
    pub source: String,
    /// The rule that set it aside: `figure`, `placeholder`, …
    pub rule: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// Rows that were judged: the good ones as a table, the others with their reasons.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// What may be planned on.
    pub offers: OfferTable,
    /// What may not, sorted.
    pub quarantined: Vec<Quarantined>,
}

/// A row under judgement: prices are taken away until only good ones are left.
#[derive(Debug)]
struct Case {
    row: Row,
    prices: [Option<Money>; 4],
}

/// A rule's verdict on one price.
struct Verdict {
    case: usize,
    purchase: Purchase,
    rule: &'static str,
    reason: String,
}

/// Judges all rows.
pub fn judge(rows: Rows, rates: &ExchangeRates) -> Result<Judged, Error> {
    let Rows { rows, sources } = rows;
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|row| Case {
            row,
            prices: [None; 4],
        })
        .collect();
    let mut quarantined = Vec::new();
    let mut verdicts = figure::judge(&mut cases, rates);
    apply(
        &mut cases,
        std::mem::take(&mut verdicts),
        &sources,
        &mut quarantined,
    );
    for rule in [
        placeholder::judge,
        regions::judge,
        family::judge,
        spot::judge,
    ] {
        let verdicts = rule(&cases);
        apply(&mut cases, verdicts, &sources, &mut quarantined);
    }
    let mut builder = OfferTableBuilder::default();
    for source in sources {
        builder.source(source)?;
    }
    let mut places = BTreeMap::new();
    for case in cases {
        if case.prices.iter().all(Option::is_none) {
            continue;
        }
        let Row {
            machine,
            region,
            zone,
            sources,
            interruption_percent,
            ..
        } = case.row;
        let place = (machine.clone(), region.clone(), zone.clone());
        // Lists repeat rows; a repetition with other prices counts as the dearer one.
        let offer = Offer {
            machine,
            region,
            zone,
            prices: case.prices,
            sources,
            interruption_percent,
        };
        let kept: &mut Offer = places.entry(place).or_insert_with(|| offer.clone());
        for purchase in Purchase::ALL {
            let at = purchase.index();
            kept.prices[at] = kept.prices[at].max(offer.prices[at]);
        }
    }
    for offer in places.into_values() {
        builder.push(offer);
    }
    quarantined.sort();
    quarantined.dedup();
    Ok(Judged {
        offers: builder.build()?,
        quarantined,
    })
}

/// Takes the prices away that the verdicts name; with an on-demand price all others go.
fn apply(
    cases: &mut [Case],
    verdicts: Vec<Verdict>,
    sources: &[domain::offer::Source],
    quarantined: &mut Vec<Quarantined>,
) {
    for Verdict {
        case,
        purchase,
        rule,
        reason,
    } in verdicts
    {
        let case = &mut cases[case];
        quarantined.push(set_aside(&case.row, purchase, rule, reason, sources));
        case.prices[purchase.index()] = None;
        if purchase != Purchase::OnDemand {
            continue;
        }
        for other in Purchase::ALL {
            if case.prices[other.index()].take().is_some() {
                let reason = "its on-demand price is implausible".to_owned();
                quarantined.push(set_aside(&case.row, other, rule, reason, sources));
            }
        }
    }
}

/// A figure of a row with the reason why it is not planned on.
pub(crate) fn set_aside(
    row: &Row,
    purchase: Purchase,
    rule: &str,
    reason: String,
    sources: &[domain::offer::Source],
) -> Quarantined {
    let index = purchase.index();
    let source = sources.get(usize::from(row.sources[index].0));
    let figure = row.figures[index].as_ref();
    Quarantined {
        provider: row.machine.provider.to_string(),
        machine: row.machine.name.to_string(),
        accelerator: row
            .machine
            .accelerator
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        region: row.region.to_string(),
        zone: row.zone.to_string(),
        purchase,
        figure: figure.map_or_else(String::new, |it| format!("{} {}", it.text, it.currency)),
        source: source.map_or_else(String::new, |it| it.name.to_string()),
        rule: rule.to_owned(),
        reason,
    }
}

/// The middle value, the lower of two; `None` of nothing.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests;
