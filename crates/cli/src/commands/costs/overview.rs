//! `costs`: what the ledger holds, by month and issuer.

use super::failed;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::ledger::Sums;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Line {
    month: String,
    issuer: String,
    currency: String,
    #[serde(flatten)]
    sums: Sums,
    /// Unset where lines of several currencies are in one part.
    lines: Option<u64>,
}

pub(super) fn run(ledger: &Ledger, output: Output) -> Result<(), Failure> {
    let manifest = ledger.manifest().map_err(failed)?;
    let mut heaps: BTreeMap<(String, String, String), (Sums, Option<u64>)> = BTreeMap::new();
    for part in &manifest.parts {
        for (currency, sums) in &part.sums {
            let month = costs::instant::month(part.month);
            let heap = heaps
                .entry((month, part.issuer.clone(), currency.clone()))
                .or_insert((Sums::default(), Some(0)));
            heap.0.billed += sums.billed;
            heap.0.effective += sums.effective;
            let counted = (part.sums.len() == 1).then_some(part.lines);
            heap.1 = heap.1.zip(counted).map(|(all, more)| all + more);
        }
    }
    let lines: Vec<Line> = heaps
        .into_iter()
        .map(|((month, issuer, currency), (sums, lines))| Line {
            month,
            issuer,
            currency,
            sums,
            lines,
        })
        .collect();
    if lines.is_empty() {
        output.say("the ledger is empty; `tradewind costs import FILE` reads a bill");
    }
    let heads = [
        "month",
        "bill of",
        "billed",
        "effective",
        "currency",
        "lines",
    ];
    output.table(&heads, &lines, |line| {
        vec![
            line.month.clone(),
            line.issuer.clone(),
            line.sums.billed.for_people(),
            line.sums.effective.for_people(),
            line.currency.clone(),
            line.lines
                .map_or_else(|| "–".to_owned(), |lines| lines.to_string()),
        ]
    });
    Ok(())
}
