//! `costs allocate`: everybody's part of shared and idle costs.

use super::draw::{draw, one_currency};
use super::{failed, narrow};
use crate::arguments::{Drawing, Narrowing};
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::allocation::{Rule, Share, Spread, allocate, usually_shared};
use costs::query::{Bar, Key, Question};

pub(super) fn run(
    ledger: &Ledger,
    (to, spread, metric): (&str, &str, &str),
    narrowing: &Narrowing,
    drawing: &Drawing,
    output: Output,
) -> Result<(), Failure> {
    let rule = Rule {
        to: Key::parse(to).map_err(failed)?,
        shared: usually_shared(),
        spread: if spread == "even" {
            Spread::Even
        } else {
            Spread::Direct
        },
    };
    let question = Question {
        metrics: narrow::metrics(metric)?,
        ..narrow::question(narrowing)?
    };
    let shares = allocate(ledger, &question, &rule).map_err(failed)?;
    let bar = |share: &Share| Bar {
        label: format!(
            "{} ({})",
            share.to.as_deref().unwrap_or("nobody"),
            share.currency
        ),
        value: share.total,
    };
    one_currency(drawing, shares.iter().map(|share| share.currency.as_str()))?;
    let bars: Vec<Bar> = shares.iter().map(bar).collect();
    if draw(drawing, &bars, &format!("cost by {to}"), output)? {
        return Ok(());
    }
    let heads = [to, "direct", "shared", "idle", "total", "currency"];
    output.table(&heads, &shares, |share| {
        vec![
            share.to.clone().unwrap_or_else(|| "nobody".to_owned()),
            share.direct.for_people(),
            share.shared.for_people(),
            share.idle.for_people(),
            share.total.for_people(),
            share.currency.clone(),
        ]
    });
    Ok(())
}
